package dev.milonga.log.grpc;

/** A tail and a trim mark that the log has had, at one moment. */
record TailAnswer(long tail, long trimMark) {}
