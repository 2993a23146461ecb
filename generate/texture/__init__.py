"""The face laid flat: texture space, into it, out of it, and how a person looks there."""
