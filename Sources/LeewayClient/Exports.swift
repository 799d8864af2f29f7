// A serving system imports `LeewayClient` alone: event types, the log port and the embedded log come with it.
@_exported public import EventLog
@_exported public import Events
@_exported public import Log
