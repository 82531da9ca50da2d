"""What can be installed on the phone, and what Android would refuse."""
