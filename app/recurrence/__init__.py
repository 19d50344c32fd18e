"""重复投诉: severity is raised when an issue point recurs."""
