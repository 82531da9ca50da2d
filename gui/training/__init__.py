"""The Train view: from a person's pictures to a model that runs on the phone."""
