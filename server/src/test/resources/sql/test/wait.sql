-- Sleeps a while. Parameters: {seconds:Float64}.
SELECT sleep({seconds:Float64})
