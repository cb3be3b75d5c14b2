"""Those who answer, one vendor a file. Vendors' packages are imported when first used."""
