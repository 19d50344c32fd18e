"""What a procedure says beside its steps and clocks, each rule as one line."""
