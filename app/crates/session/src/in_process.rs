//! A host that runs coordinator and shards in one thread, for the command line and for tests. Where bytes come from is the
//! caller's business, behind [`ByteSource`].
