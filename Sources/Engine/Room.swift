package enum EngineRoom {}
