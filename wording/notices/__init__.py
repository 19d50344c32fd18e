"""In which words somebody is told of an event: complaints, incidents, reports. Never a complainant's name or number."""
