"""Which trials may be used, and every reason why one may not or needs care."""
