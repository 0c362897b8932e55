"""Running a collector: backups of everything, the line watched from end to end, help from afar."""
