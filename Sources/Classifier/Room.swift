package enum ClassifierRoom {}
