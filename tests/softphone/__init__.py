"""The bridge beside a softphone. samples/ holds what telephone systems say, written by their public descriptions."""
