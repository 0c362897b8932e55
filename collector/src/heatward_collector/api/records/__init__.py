"""What offices put down: complaints, measurements on site, notices of residents, duties."""
