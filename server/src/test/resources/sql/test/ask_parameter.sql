-- Gives back its parameter with its length, in rows. Parameters: {text:String}, {rows:UInt64}.
SELECT {text:String} AS text, length(text) AS length FROM numbers({rows:UInt64})
