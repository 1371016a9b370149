module bailiwick/bench/load

go 1.19
