# Errors that any feature can give.
error-forbidden = Your role may not do this.
error-unauthenticated = Please sign in first.
error-busy = The system is busy, please try again in a moment.
error-internal = Internal error; it has been logged. Please try again later.
error-taken = Already in use: { $what }.
error-in-use = Other records use this one, so it cannot be deleted.
error-disk-full = The disk is full; nothing was saved. Make space on it and try again.
error-database-gone = The database cannot be reached; nothing was saved. Please try again in a moment.
error-not-found = Not found, or not yours to see.
error-changed-meanwhile = Somebody else changed this record meanwhile. Open it again before changing it.
actor-command-line = Command line
