"""Make one video: extract, train, convert, blend, finish."""
