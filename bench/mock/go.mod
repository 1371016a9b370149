module bailiwick/bench/mock

go 1.19
