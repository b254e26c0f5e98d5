"""The fields of a record that a curator may correct; later imports keep the correction."""

FIELDS = (
    "title",
    "artist",
    "artist_display",
    "date_display",
    "date_start",
    "date_end",
    "place_of_origin",
    "medium_display",
    "dimensions",
    "credit_line",
    "inscriptions",
    "copyright_notice",
    "accession_number",
    "department",
    "artwork_type",
)
