"""What each kind of report says: records into documents."""
