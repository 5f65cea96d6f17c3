package enum WireRoom {}
