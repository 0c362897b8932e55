"""What every page has around it: template and menu, limits and headers, the office's forms."""
