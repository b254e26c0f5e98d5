"""pgvector, and the SQL functions that the generated full-text columns are made of."""

from django.db import migrations
from pgvector.django import VectorExtension

# Accents are folded ("Cezanne" finds "Cézanne"), and each CJK character becomes a word of its own:
# Postgres would take 불회도 as one word, and 회 would never find it. ASCII passes untouched.
FOLD = r"""
CREATE FUNCTION museum_fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN octet_length(value) = length(value) THEN value ELSE
    regexp_replace(
        normalize(regexp_replace(normalize(value, NFD), '[\u0300-\u036f]', '', 'g'), NFC),
        '([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff])', ' \1 ', 'g')
END;
"""

TEXT_DOCUMENT = """
CREATE FUNCTION museum_text_document(weight "char", value text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN setweight(
    to_tsvector('pg_catalog.english'::regconfig, coalesce(museum_fold(value), '')), weight);
"""

# array_to_string is only STABLE because of exotic element types; over text it is immutable.
NAMES = """
CREATE FUNCTION museum_names(names text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC SELECT string_agg(name, ' . ') FROM unnest(names) AS name; END;
"""

# Weights: A what the work is called, B who made it and what it shows, C what it is made of.
ARTWORK_DOCUMENT = """
CREATE FUNCTION museum_artwork_document(
    title text, alt_titles text[], artist_display text, subject_titles text[],
    style_titles text[], term_titles text[], classification_titles text[],
    material_titles text[], technique_titles text[], medium_display text, place_of_origin text,
    department text, artwork_type text, date_display text, accession_number text
) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN
    museum_text_document('A', title || ' . ' || coalesce(museum_names(alt_titles), ''))
    || museum_text_document('B', museum_names(ARRAY[
        artist_display, museum_names(subject_titles), museum_names(style_titles)]))
    || museum_text_document('C', museum_names(ARRAY[
        museum_names(term_titles), museum_names(classification_titles),
        museum_names(material_titles), museum_names(technique_titles), medium_display,
        place_of_origin, department, artwork_type, date_display, accession_number]));
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        VectorExtension(),
        migrations.RunSQL(FOLD, "DROP FUNCTION museum_fold(text)"),
        migrations.RunSQL(TEXT_DOCUMENT, 'DROP FUNCTION museum_text_document("char", text)'),
        migrations.RunSQL(NAMES, "DROP FUNCTION museum_names(text[])"),
        migrations.RunSQL(ARTWORK_DOCUMENT, "DROP FUNCTION museum_artwork_document"),
    ]
