"""From a person's own pictures to a variant that tells them apart."""
