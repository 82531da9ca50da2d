"""How often a model is right, on which pictures, and how sure one can be of that."""
