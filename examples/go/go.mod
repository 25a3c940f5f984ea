module example/paxos

go 1.19
