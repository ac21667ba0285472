"""Looking inside a trained model: what it computes, what it sees, what it reacts to."""
