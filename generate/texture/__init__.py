"""The face laid flat: into texture space, out of it, and how people look there."""
