-- A lake table as the exact list of its data files, replaced at once for all readers. Parameters: ${lake}, ${table}, ${columns} (declared), ${engine}.
CREATE OR REPLACE TABLE ${lake}.${table} (${columns})
ENGINE = ${engine}
