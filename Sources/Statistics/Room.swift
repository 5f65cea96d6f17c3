package enum StatisticsRoom {}
