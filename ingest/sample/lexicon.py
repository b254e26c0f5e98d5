"""What people call things: synonyms for everything the sample museum can show.

Nouns are (singular,
    plural). The lists decide whether a visitor's own words find a picture, so they are generous.
"""

from __future__ import annotations

Noun = tuple[str, str]


def _nouns(text: str) -> tuple[Noun, ...]:
    """Parse "cat/cats, kitten/kittens"; a word without a plural is its own."""
    pairs = (item.strip().split("/") for item in text.split(","))
    return tuple((pair[0], pair[-1]) for pair in pairs)


NOUNS: dict[str, tuple[Noun, ...]] = {
    name: _nouns(text)
    for name, text in {
        "house": (
            "house/houses, cottage/cottages, farmhouse/farmhouses, home/homes, hut/huts, "
            "building/buildings, cabin/cabins"
        ),
        "church": (
            "church/churches, chapel/chapels, country church, church with a steeple, "
            "village church, church tower"
        ),
        "castle": "castle/castles, fortress, fort, stronghold, palace, citadel, castle with towers",
        "bridge": (
            "bridge/bridges, arched bridge, footbridge, bridge over a river, "
            "bridge over water, river crossing"
        ),
        "windmill": (
            "windmill/windmills, mill/mills, wind mill/wind mills, old mill/old mills, "
            "mill with sails/mills with sails"
        ),
        "tree": (
            "tree/trees, leafy tree/leafy trees, lone tree/trees, oak/oaks, round tree/round trees"
        ),
        "forest": "forest, wood, woods, woodland, grove, trees, thicket, forest of trees",
        "mountain": (
            "mountain/mountains, peak/peaks, summit/summits, mount/mounts, "
            "snow-capped mountain/snow-capped mountains, volcano/volcanoes"
        ),
        "waterfall": "waterfall, falls, cascade, cataract, falling water, cliff with a waterfall",
        "haystack": (
            "haystack/haystacks, hay stack/hay stacks, stack of hay/stacks of hay, "
            "hayrick/hayricks, pile of straw/piles of straw, haycock/haycocks"
        ),
        "sailboat": (
            "sailboat/sailboats, sailing boat/sailing boats, boat/boats, ship/ships, "
            "yacht/yachts, dinghy/dinghies, vessel/vessels, sail/sails, "
            "little boat/little boats, boat with sails/boats with sails"
        ),
        "rowboat": (
            "rowing boat/rowing boats, rowboat/rowboats, boat/boats, "
            "fishing boat/fishing boats, wooden boat/wooden boats, skiff/skiffs, canoe/canoes, "
            "dinghy/dinghies, small boat/small boats"
        ),
        "steamship": (
            "steamship/steamships, steamer/steamers, ship/ships, steamboat/steamboats, "
            "boat with funnels/boats with funnels, ocean liner/ocean liners, boat/boats, "
            "vessel/vessels, ferry/ferries"
        ),
        "tall ship": (
            "tall ship/tall ships, sailing ship/sailing ships, ship/ships, galleon/galleons, "
            "old ship/old ships, three-master/three-masters, frigate/frigates, vessel/vessels, "
            "ship with masts/ships with masts, boat/boats"
        ),
        "lighthouse": (
            "lighthouse, light house, beacon, light tower, striped lighthouse, lighthouse on rocks"
        ),
        "wave": (
            "wave/waves, great wave, big wave/big waves, breaker/breakers, breaking wave, "
            "huge wave, surf, swell, giant wave"
        ),
        "apple": "apple/apples, piece of fruit/pieces of fruit, ripe apple/ripe apples, fruit",
        "pear": "pear/pears, ripe pear/ripe pears, fruit, piece of fruit/pieces of fruit",
        "lemon": "lemon/lemons, citrus fruit, fruit, ripe lemon/ripe lemons",
        "orange": "orange/oranges, citrus fruit, tangerine/tangerines, mandarin/mandarins, fruit",
        "grapes": (
            "bunch of grapes/bunches of grapes, grapes, cluster of grapes/clusters of grapes, fruit"
        ),
        "flowers": (
            "flowers, bouquet, vase of flowers, bunch of flowers, blooms, blossoms, "
            "flowers in a vase, roses, floral arrangement, bouquet in a vase, posy"
        ),
        "bottle": (
            "bottle/bottles, wine bottle/wine bottles, glass bottle/glass bottles, "
            "flask/flasks, bottle of wine/bottles of wine"
        ),
        "jug": "jug/jugs, pitcher/pitchers, ewer/ewers, water jug/water jugs, milk jug/milk jugs",
        "books": "books, stack of books, pile of books, volumes, old books, three books",
        "candle": (
            "candle/candles, lit candle/lit candles, burning candle/burning candles, "
            "candlestick/candlesticks, candle flame/candle flames, candlelight"
        ),
        "skull": "skull, human skull, memento mori, death's head, vanitas, skull on a table",
        "teapot": "teapot, tea pot, pot of tea, round teapot, teapot with a spout, tea kettle",
        "chair": (
            "chair/chairs, wooden chair/wooden chairs, seat/seats, "
            "kitchen chair/kitchen chairs, empty chair/empty chairs"
        ),
        "bed": "bed, bedstead, wooden bed, bed with a pillow, bed with a blanket, bedroom",
        "table": "table, wooden table, dining table, table with fruit, table with a bowl",
        "lamp": "lamp, standing lamp, floor lamp, lampshade, light, reading lamp",
        "piano": "piano, upright piano, old piano, pianoforte, keyboard, piano with a stool",
        "sofa": "sofa, couch, settee, sofa with a cushion, loveseat, seat",
        "bookcase": (
            "bookcase, bookshelf, shelves of books, shelves full of books, library, "
            "books on shelves"
        ),
        "fireplace": "fireplace, hearth, burning fire, open fire, mantelpiece, fire in the hearth",
        "woman": (
            "woman/women, lady/ladies, young woman/young women, female sitter/female sitters, "
            "girl/girls"
        ),
        "man": "man/men, gentleman/gentlemen, fellow/fellows, male sitter/male sitters, guy/guys",
        "child": (
            "child/children, kid/kids, young child/young children, youngster/youngsters, "
            "little one/little ones"
        ),
        "cat": (
            "cat/cats, kitten/kittens, kitty/kitties, sitting cat/sitting cats, "
            "house cat/house cats, feline/felines"
        ),
        "dog": "dog/dogs, hound/hounds, puppy/puppies, pup/pups, canine/canines, pet dog/pet dogs",
        "horse": "horse/horses, pony/ponies, mare/mares, stallion/stallions, steed/steeds",
        "bird": (
            "bird/birds, songbird/songbirds, little bird/little birds, "
            "perching bird/perching birds, small bird/small birds"
        ),
        "fish": "fish, swimming fish, carp, goldfish, fishes, fish under water",
        "cow": "cow/cows, bull/bulls, ox/oxen, cattle, dairy cow/dairy cows",
        "rabbit": "rabbit/rabbits, bunny/bunnies, hare/hares, little rabbit/little rabbits",
        "owl": (
            "owl/owls, night bird/night birds, owl on a branch/owls on branches, bird/birds, "
            "bird of prey/birds of prey"
        ),
        "fox": "fox/foxes, vixen/vixens, wild fox/wild foxes, bushy-tailed fox/bushy-tailed foxes",
        "elephant": (
            "elephant/elephants, big elephant/big elephants, "
            "elephant with a trunk/elephants with trunks, tusker/tuskers"
        ),
        "circles": (
            "circle/circles, disc/discs, disk/disks, ring/rings, round shape/round shapes, dot/dots"
        ),
        "squares": "square/squares, box/boxes, square shape/square shapes, block/blocks",
        "triangles": (
            "triangle/triangles, pointed shape/pointed shapes, "
            "triangular shape/triangular shapes, three-sided shape/three-sided shapes"
        ),
        "spirals": "spiral/spirals, swirl/swirls, coil/coils, whirl/whirls, curl/curls",
        "stripes": "stripes, bands, bars, striped pattern, lines",
        "grid": (
            "grid, chequered grid, blocks and lines, grid of rectangles, lattice, squares and lines"
        ),
        "waves": "waves, wavy lines, ripples, wavy bands, undulating lines, curving lines",
        "checks": (
            "checks, checkerboard, chequered pattern, checkered pattern, chessboard pattern, "
            "checked pattern"
        ),
        "diamonds": "diamonds, diamond pattern, lozenges, rhombuses, nested diamonds",
        "floral": (
            "flowers, floral pattern, flower pattern, blossoms, flowered pattern, flower motifs"
        ),
        "zigzag": "zigzags, zigzag pattern, chevrons, zig-zag lines, chevron pattern",
        "stars": "stars, star pattern, starry pattern, eight-pointed stars, starbursts",
        "bowl": (
            "bowl/bowls, dish/dishes, basin/basins, ceramic bowl/ceramic bowls, "
            "round bowl/round bowls"
        ),
        "vase": (
            "vase/vases, flower vase/flower vases, tall vase/tall vases, urn/urns, "
            "ceramic vase/ceramic vases"
        ),
        "plate": "plate, dish, platter, ceramic plate, dinner plate, round plate",
        "jar": "jar/jars, pot/pots, storage jar/storage jars, urn/urns, ceramic jar/ceramic jars",
        "cup": "cup/cups, mug/mugs, teacup/teacups, tea cup/tea cups, drinking cup/drinking cups",
        "birds": "birds, flying birds, seagulls, a flock of birds, gulls, birds in the sky",
        "fence": "a fence, a wooden fence, a picket fence, fencing, palings",
        "island": "an island, a distant island, an isle, land on the horizon, a small island",
    }.items()
}

COLOURS: dict[str, tuple[str, ...]] = {
    "red": ("red", "red", "red", "crimson", "scarlet", "bright red", "ruby", "vermilion"),
    "orange": ("orange", "orange", "tangerine", "amber", "bright orange", "ginger", "rust"),
    "yellow": ("yellow", "yellow", "golden", "gold", "bright yellow", "mustard", "lemon yellow"),
    "green": ("green", "green", "emerald", "dark green", "olive", "leaf green"),
    "blue": ("blue", "blue", "azure", "navy", "cobalt", "deep blue", "bright blue"),
    "purple": ("purple", "purple", "violet", "mauve", "lilac", "plum"),
    "pink": ("pink", "pink", "rose", "rosy", "pale pink", "salmon pink"),
    "white": ("white", "white", "pale", "cream", "ivory", "snow-white"),
    "black": ("black", "black", "jet black", "dark", "ebony"),
    "brown": ("brown", "brown", "chestnut", "tan", "chocolate brown", "russet"),
}
COUNTS: dict[str, tuple[str, ...]] = {
    "one": ("a", "a", "one", "a single", "a lone", "a solitary"),
    "two": ("two", "two", "a pair of", "2", "a couple of"),
    "three": ("three", "three", "3", "a trio of", "three"),
    "several": ("several", "many", "a group of", "lots of", "a number of", "six", "some"),
}
LIGHTS: dict[str, tuple[str, ...]] = {
    "dawn": (
        "at dawn",
        "at sunrise",
        "at daybreak",
        "in the early morning",
        "as the sun rises",
        "in morning light",
        "at first light",
    ),
    "day": (
        "by day",
        "in daylight",
        "in the daytime",
        "at noon",
        "under a daytime sky",
        "at midday",
        "on a bright day",
    ),
    "sunset": (
        "at sunset",
        "at sundown",
        "as the sun goes down",
        "in the evening",
        "under an orange sky",
        "with a setting sun",
        "in the evening sun",
        "in the glow of sunset",
        "under a red sky",
        "at the end of the day",
    ),
    "dusk": (
        "at dusk",
        "at twilight",
        "at nightfall",
        "in the gloaming",
        "after sunset",
        "in the half light",
        "under a purple sky",
    ),
    "night": (
        "at night",
        "by moonlight",
        "under the moon",
        "under the stars",
        "after dark",
        "under a full moon",
        "in the dark",
        "at midnight",
        "in the moonlight",
        "under a night sky",
    ),
}
LIGHT_WORDS: dict[str, tuple[str, ...]] = {
    "dawn": ("dawn", "sunrise", "daybreak", "morning"),
    "day": ("day", "daylight", "daytime", "noon"),
    "sunset": ("sunset", "sundown", "evening", "setting sun", "evening glow", "orange sky"),
    "dusk": ("dusk", "twilight", "nightfall", "purple sky"),
    "night": ("night", "moonlight", "moon", "nighttime", "dark sky", "nocturne", "night sky"),
}
WEATHERS: dict[str, tuple[str, ...]] = {
    "snow": (
        "in the snow",
        "in winter",
        "in falling snow",
        "on a snowy day",
        "with snowflakes",
        "while it snows",
        "in wintry weather",
    ),
    "rain": (
        "in the rain",
        "on a rainy day",
        "in wet weather",
        "while it rains",
        "in a shower",
        "in a downpour",
    ),
    "storm": (
        "in a storm",
        "in a thunderstorm",
        "with lightning",
        "under dark clouds",
        "in stormy weather",
        "in a tempest",
        "under a stormy sky",
    ),
    "mist": (
        "in the mist",
        "in fog",
        "on a foggy day",
        "in the haze",
        "in misty weather",
        "wrapped in fog",
    ),
    "blossom": (
        "in spring",
        "in blossom",
        "in bloom",
        "with cherry blossom",
        "in springtime",
        "with falling petals",
    ),
    "autumn": (
        "in autumn",
        "in fall",
        "with autumn leaves",
        "with falling leaves",
        "in fall colors",
        "in autumn colours",
    ),
}
WEATHER_WORDS: dict[str, tuple[str, ...]] = {
    "snow": ("snow", "winter", "snowy", "snowfall", "snowflakes"),
    "rain": ("rain", "rainy", "wet weather", "shower"),
    "storm": ("storm", "stormy", "thunder", "lightning", "tempest"),
    "mist": ("mist", "fog", "foggy", "misty", "haze"),
    "blossom": ("spring", "blossom", "springtime", "petals"),
    "autumn": ("autumn", "fall", "autumnal", "fallen leaves"),
}
SETTINGS: dict[str, tuple[str, ...]] = {
    "hills": ("in the hills", "among rolling hills", "in a hilly landscape", "on a hillside"),
    "river": (
        "by a river",
        "beside a stream",
        "on the river",
        "near the water",
        "along a winding river",
    ),
    "lake": (
        "by a lake",
        "beside still water",
        "on the shore of a lake",
        "near a pond",
        "at the waterside",
    ),
    "field": (
        "in a field",
        "among ploughed fields",
        "on farmland",
        "in the fields",
        "near a furrowed field",
    ),
    "road": (
        "by a road",
        "beside a winding path",
        "along a country lane",
        "near a track",
        "with a road",
    ),
    "mountains": (
        "in the mountains",
        "below mountains",
        "with distant peaks",
        "in a mountain valley",
    ),
    "open sea": ("on the open sea", "out at sea", "on the ocean", "on the water", "at sea"),
    "beach": (
        "by the beach",
        "off a sandy shore",
        "at the seaside",
        "near the sand",
        "by the shore",
    ),
    "cliffs": (
        "below cliffs",
        "by a rocky coast",
        "near the cliffs",
        "off a steep coast",
        "beside tall cliffs",
    ),
    "harbour": (
        "in a harbour",
        "in a harbor",
        "near a port",
        "with houses by the sea",
        "at the quay",
        "in front of a seaside town",
    ),
    "table": ("on a table", "on a wooden table", "on a tabletop", "on a board"),
    "white cloth": (
        "on a white cloth",
        "on a tablecloth",
        "on white linen",
        "on a white tablecloth",
    ),
    "window": ("by a window", "beside a window", "near the window", "with a window behind"),
    "dark background": (
        "against a dark background",
        "in a dark room",
        "on a dark ground",
        "against black",
    ),
    "rug": ("on a rug", "with a carpet", "on a patterned carpet", "with a rug"),
    "plant": (
        "with a pot plant",
        "beside a houseplant",
        "with a green plant",
        "next to a potted plant",
    ),
    "pictures": (
        "with pictures on the wall",
        "below framed paintings",
        "with framed pictures",
        "with paintings on the wall",
    ),
    "curtains": (
        "with curtains",
        "beside a curtained window",
        "with drapes",
        "with curtains at the window",
    ),
    "garden": (
        "in a garden",
        "outdoors among bushes",
        "in front of greenery",
        "among flowers and bushes",
    ),
    "curtain": (
        "before a curtain",
        "in front of drapery",
        "against a curtain",
        "with a hanging cloth behind",
    ),
    "meadow": (
        "in a meadow",
        "in a grassy field",
        "on the grass",
        "in a pasture",
        "among wild flowers",
    ),
    "forest": ("in a forest", "in the woods", "among trees", "in woodland"),
    "snow": ("in the snow", "on snowy ground", "in winter", "in a snowy field"),
    "room": ("in a room", "indoors", "inside a house", "at home", "on a cushion"),
    "water": ("under water", "in a pond", "in the water", "underwater", "swimming among weeds"),
    "border": ("with a border", "inside a border", "in a frame of colour", "with an edge"),
    "fringe": ("with a fringe", "with tassels", "with fringed ends", "with a tasselled edge"),
    "bands": (
        "with bands",
        "painted with rings",
        "with painted stripes",
        "with striped decoration",
    ),
    "flowers": (
        "painted with flowers",
        "with flowers on it",
        "with floral decoration",
        "decorated with blossoms",
    ),
    "fish": (
        "painted with a fish",
        "with a fish on it",
        "decorated with a fish",
        "with fish decoration",
    ),
    "zigzag": (
        "with a zigzag",
        "with zigzag decoration",
        "painted with zigzag lines",
        "with a chevron band",
    ),
}
DETAILS: dict[str, tuple[str, ...]] = {
    "hat": ("wearing a hat", "in a hat", "with a brimmed hat", "with a hat on"),
    "scarf": ("wearing a scarf", "in a scarf", "with a scarf", "with a scarf round the neck"),
    "glasses": (
        "wearing glasses",
        "with spectacles",
        "in eyeglasses",
        "with round glasses",
        "with glasses",
    ),
    "earrings": (
        "wearing earrings",
        "with gold earrings",
        "with earrings",
        "with jewels in the ears",
    ),
    "flower": (
        "with a flower in the hair",
        "wearing a pink flower",
        "with a flower",
        "with a blossom in the hair",
    ),
    "beard": ("with a beard", "bearded", "with a long beard", "with whiskers and a beard"),
    "moustache": ("with a moustache", "with a mustache", "moustached", "with a twirled moustache"),
}
SECONDS: dict[str, tuple[str, ...]] = {
    "cow": ("cows", "grazing cattle", "cattle", "cows in the field"),
    "lighthouse": ("a lighthouse", "a distant lighthouse", "a beacon", "a light tower"),
    "cat": ("a cat", "a sitting cat", "a kitten", "a house cat"),
    "dog": ("a dog", "a pet dog", "a puppy", "a hound"),
    "flowers": ("flowers in a vase", "a vase of flowers", "a bouquet", "a bunch of flowers"),
    "books": ("books", "a stack of books", "a pile of books", "some old volumes"),
    "apple": ("an apple", "a red apple", "an apple beside", "one apple"),
    "lemon": ("a lemon", "a yellow lemon", "one lemon", "a ripe lemon"),
    "pear": ("a pear", "a green pear", "one pear", "a ripe pear"),
    "orange": ("an orange", "one orange", "a ripe orange", "a tangerine"),
    "bottle": ("a bottle", "a green bottle", "a wine bottle", "a glass bottle"),
    "jug": ("a jug", "a white jug", "a pitcher", "a white pitcher"),
    "candle": ("a candle", "a lit candle", "a burning candle", "a white candle"),
    "grapes": ("grapes", "a bunch of grapes", "a cluster of grapes", "purple grapes"),
}
# Monochrome styles show no hue, so the coloured names of companions are left out there.
HUED = (
    "red apple",
    "yellow lemon",
    "green pear",
    "green bottle",
    "purple grapes",
    "an orange sky",
    "a red sky",
    "purple sky",
    "orange sky",
    "fall colors",
    "autumn colours",
    "green plant",
    "pink flower",
    "gold earrings",
)
STYLES: dict[str, tuple[str, ...]] = {
    "oil": (
        "oil painting",
        "painting in oils",
        "oil on canvas",
        "painting with brush strokes",
        "painting",
    ),
    "watercolour": (
        "watercolour",
        "watercolor",
        "watercolour painting",
        "watercolor on paper",
        "painting in washes",
    ),
    "woodblock": (
        "woodblock print",
        "woodcut",
        "wood block print",
        "print with black outlines",
        "japanese style print",
        "coloured woodcut",
    ),
    "pointillism": (
        "pointillist painting",
        "painting made of dots",
        "pointillism",
        "picture in little dots",
        "dotted painting",
    ),
    "ink wash": (
        "ink wash",
        "ink painting",
        "brush drawing in ink",
        "black and white ink painting",
        "ink on paper",
        "sumi ink painting",
    ),
    "poster": (
        "poster",
        "lithograph",
        "flat colour poster",
        "graphic poster",
        "vintage poster",
        "travel poster",
    ),
    "mosaic": (
        "mosaic",
        "tile mosaic",
        "picture in stone tiles",
        "picture made of tiles",
        "tesserae",
    ),
    "pastel": (
        "pastel",
        "pastel drawing",
        "chalk drawing",
        "drawing in coloured chalk",
        "soft pastel",
    ),
    "etching": (
        "etching",
        "engraving",
        "black and white print",
        "print with fine lines",
        "hatched print",
    ),
    "charcoal": (
        "charcoal drawing",
        "charcoal",
        "black and white drawing",
        "sketch in charcoal",
        "smudged drawing",
    ),
    "woven": (
        "weaving",
        "woven cloth",
        "woven textile",
        "rug",
        "fabric",
        "tapestry",
        "blanket",
        "carpet",
    ),
    "embroidered": (
        "embroidery",
        "embroidered cloth",
        "needlework",
        "stitched textile",
        "embroidered fabric",
        "silk embroidery",
    ),
    "glazed": (
        "ceramic",
        "pottery",
        "glazed pottery",
        "porcelain",
        "stoneware",
        "earthenware",
        "glazed ceramic",
    ),
}
GENRES: dict[str, tuple[str, ...]] = {
    "landscape": ("landscape", "countryside", "country scene", "rural scene", "scenery"),
    "seascape": ("seascape", "marine view", "sea", "ocean", "coast scene", "sea view"),
    "still life": (
        "still life",
        "still-life",
        "tabletop",
        "things on a table",
        "still life painting",
    ),
    "interior": ("interior", "room", "inside a house", "domestic scene", "indoor scene"),
    "portrait": ("portrait", "face", "head and shoulders", "likeness", "sitter"),
    "animal": ("animal", "animal picture", "creature", "wildlife", "animal study"),
    "abstract": (
        "abstract",
        "abstract art",
        "abstract composition",
        "geometric picture",
        "abstract shapes",
        "modern art",
    ),
    "textile": ("textile", "cloth", "fabric", "pattern", "cloth pattern"),
    "ceramic": ("ceramic", "pottery", "pot", "clay", "vessel"),
}
PEOPLE = (
    "with people",
    "with figures",
    "with a few people",
    "with someone",
    "with small figures",
    "and people",
)
NO_PEOPLE = (
    "no people",
    "without people",
    "with nobody",
    "without anyone",
    "empty of people",
    "with no one around",
    "no figures",
    "deserted",
)
PEOPLE_WORDS = ("people", "figures", "person", "someone", "human figures")
LIGHT_ADJECTIVES: dict[str, tuple[str, ...]] = {
    "dawn": ("early morning", "sunrise", "pale morning", "dawn"),
    "day": ("daytime", "sunlit", "bright", "midday"),
    "sunset": ("sunset", "evening", "sunlit evening", "glowing"),
    "dusk": ("twilight", "dusky", "dim", "evening"),
    "night": ("moonlit", "nighttime", "dark", "starry", "nocturnal"),
}
WEATHER_ADJECTIVES: dict[str, tuple[str, ...]] = {
    "snow": ("snowy", "wintry", "snow-covered", "winter"),
    "rain": ("rainy", "wet", "rain-soaked", "drizzly"),
    "storm": ("stormy", "thundery", "wild", "tempestuous"),
    "mist": ("misty", "foggy", "hazy", "fog-bound"),
    "blossom": ("spring", "blossoming", "springtime", "flowering"),
    "autumn": ("autumn", "autumnal", "fall", "leaf-strewn"),
}
SIZES = ("little", "small", "old", "pretty", "lovely", "quiet", "simple")
