-- What takes the place of ${lake}.files when files went. Parameters: ${lake}.
CREATE OR REPLACE TABLE ${lake}.files_next AS ${lake}.files
