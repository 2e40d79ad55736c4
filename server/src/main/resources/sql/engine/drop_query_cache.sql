-- Forgets the results that were kept for those who ask again: they may hold what was erased. Parameters: none.
SYSTEM DROP QUERY CACHE
