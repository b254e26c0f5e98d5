"""Every constant of ranking, each with its measurement.

Figures are of `manage.py evaluate_search` over real records and of `manage.py bench_search` over a
synthetic collection of 131,000 works (docs/search.md, docs/benchmarks.md). After a change, run the
command that the comment names and update the figure.
"""

# --- Fusion ---------------------------------------------------------------------------------------
# Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank
# Learning Methods", SIGIR 2009, take 60. That suits many rankers that are alike; here a first place
# says much more than a tenth: nDCG@10 is .77 with 60 and .83 with 5 (docs/search.md).
RRF_K = 5
# The weights of the channels. Words count twice, because every work has words and most works have
# no description; with 1 nDCG@10 is .77 where words alone have .79 (docs/search.md).
CHANNEL_WEIGHTS = {"image": 1.0, "text": 1.0, "words": 2.0, "color": 1.0}

# --- Depth of the channels ------------------------------------------------------------------------
# (places of the answer, length of each channel's list). 1,000 is the end of all paging, and also
# pgvector's largest ef_search.
DEPTHS = ((40, 40), (150, 200), (400, 500), (1_000, 1_000))

# --- Levels of relevance --------------------------------------------------------------------------
# Deviations above chance. Of a normal distribution one value in 740 lies above 3, one in 44 above
# 2: in a sample of 512 chance alone would call no more than one work strong.
STRONG_DEVIATIONS, RELATED_DEVIATIONS = 3.0, 2.0
# Shares of the query's rarity that a work carries in words.
STRONG_WORD_SHARE, RELATED_WORD_SHARE = 0.8, 0.4
# Shares of the picture that are about the colour.
STRONG_COLOR_SHARE, RELATED_COLOR_SHARE = 0.4, 0.15
# Vectors in the sample that a query is compared with, and the fewest that give a usable mean and
# deviation.
BACKGROUND_SIZE = 512
BACKGROUND_MIN_SIZE = 30

# --- Vectors --------------------------------------------------------------------------------------
# recall@10 on 131,000 vectors of 512 in clusters is .9995 or more, however the graph happened to be
# built; with 64, pgvector's default, .96 to .9995 (`bench_search`). Building takes twice as long.
HNSW_M = 16
HNSW_EF_CONSTRUCTION = 128
# The fewest vectors that an index search visits. For widely separated clusters, recall@10 is .95 at
# 40 and .98 to .997 at 80, depending on how the graph was built (`bench_search`).
HNSW_EF_SEARCH = 80
# Up to this many vectors a whole scan takes about as long as an HNSW search (a few milliseconds),
# and is exact.
EXACT_SCAN_ROWS = 10_000
# A work has several passages; this many are read for each work needed.
PASSAGES_PER_WORK = 2
# Up to this many works an exact scan costs about what an HNSW search costs (a few milliseconds).
FEW_WORKS = 10_000
# How far words to avoid may turn the query vector. At 0.6 the cosine to the original stays above
# 0.85, so that an avoided word never becomes the subject.
AVOIDANCE_PUSH = 0.6
# If an avoided vector's remainder is shorter than this, it is rounding error.
AVOIDANCE_MIN_LENGTH = 0.02

# --- Words ----------------------------------------------------------------------------------------
# Weights of the fields D (texts), C (materials, terms, place), B (maker, subjects) and A (title),
# and the prominence at which a word counts half. Measured with 34 visitor-style queries over the
# real records (ingest/pipeline/tests/test_what_visitors_find.py), MRR .96: .78 with ts_rank's own
# weights, which bury what only a description says; .87 without levelling off; .91 without rarity;
# .48 for one ts_rank of all the words. With .3 to .5 for texts and a half of .2 to .5 it is .92 or
# more.
FIELD_WEIGHTS = [0.4, 0.4, 0.6, 1.0]
HALF_PROMINENCE = 0.3
# A word in more works than this is common, and not all of those works are read.
COMMON_WORD_WORKS = 500
# If other channels match too, this many works are read for each one needed: those with the largest
# share of the query's rarity, which limits their possible score.
SCORED_PER_WORK = 4
# A common word is also looked up in titles, if at most this many works contain it.
TITLE_LOOKUP_WORKS = 20_000

# --- Colours --------------------------------------------------------------------------------------
# CIE76 distance at which a main colour counts for 0.6 of its share (0.14 at twice that).
COLOR_NEAR_DISTANCE = 15.0
COLOR_MIN_SHARE = 0.02  # less of the picture than this is no match

# --- After the fusion -----------------------------------------------------------------------------
# If more works than this share a title ("Untitled"), the query names none of them.
MAX_NAMESAKES = 20
# The largest boost of a curator, as a share of the work's score.
MAX_BOOST_SHARE = 0.25
# Near-duplicates, such as two scans of one plate: at most this many of the 64 hash bits differ, and
# their largest colours are at most this far apart (CIE76). By the hash alone, all striped cloths
# would be duplicates.
DUPLICATE_HASH_BITS = 4
DUPLICATE_COLOR_DISTANCE = 12.0
