"""Sentence frames: how titles, descriptions and queries are put together."""

from __future__ import annotations

OPENERS = (
    "picture of", "painting of", "image of", "show me", "looking for", "find", "i want to see", "something with",
    "a work showing", "artwork with", "art with", "a picture with", "a scene of", "a view of", "the one with",
    "do you have", "where is the", "a quiet picture of", "a beautiful", "an old picture of", "a small picture of",
    "a depiction of", "a study of", "a print or painting with", "anything with", "works with", "a little",
)  # fmt: skip
ARTICLES = frozenset({
    "oil on canvas", "watercolor on paper", "painting in oils", "painting in washes", "pointillism", "ink on paper",
    "tesserae", "charcoal", "needlework", "pottery", "glazed pottery", "porcelain", "stoneware", "earthenware",
    "woven cloth", "embroidered cloth", "fabric", "embroidered fabric", "embroidery", "silk embroidery",
})  # fmt: skip
SURFACES: dict[str, tuple[str, ...]] = {
    "oil": ("oils", "oil paint", "oil", "thick paint"),
    "watercolour": ("watercolour", "watercolor", "washes", "thin washes"),
    "woodblock": ("woodcut", "woodblock", "flat printed colour", "colour woodblock"),
    "pointillism": ("dots", "small dots", "points of colour", "tiny dots"),
    "ink wash": ("ink", "black ink", "brush and ink", "ink wash"),
    "poster": ("flat colours", "poster style", "lithograph", "flat shapes"),
    "mosaic": ("mosaic", "little tiles", "stone tiles", "tiles"),
    "pastel": ("pastel", "chalk", "coloured chalk", "soft chalk"),
    "etching": ("etching", "fine lines", "black and white", "cross-hatching"),
    "charcoal": ("charcoal", "black and white", "black chalk", "charcoal on paper"),
    "woven": ("wool", "thread", "woven wool", "a weave"),
    "embroidered": ("thread", "silk", "stitches", "silk thread"),
    "glazed": ("clay", "glazed clay", "porcelain", "glaze"),
}
PLACES = (
    "Sallow Bay", "the Marl Hills", "Ormery", "Low Fennick", "Tarn Vessel", "Brackwater", "the Isle of Quill", "Hallowmere",
    "Pennard Reach", "Saltry", "Winterlode", "Aldermouth", "the Vale of Oss", "Cinder Point", "Merrowby", "Lanthorn",
    "the Upper Issel", "Corrant", "Eastling", "Thistlewick",
)  # fmt: skip
_OUTDOOR_TITLES = (
    "{counted} {light}", "{light}, {place}", "{subject} at {place}", "{place} in {weather}", "View of {place} with {subject}",
    "{weather} over {place}", "{subject} {setting}", "The {subject}, {place}", "{light} near {place}", "{subject}, {weather}",
    "On the Way to {place}", "{light} and {weather}", "Recollection of {place}, {light}", "{counted}, {place}",
)  # fmt: skip
TITLE_FRAMES: dict[str, tuple[str, ...]] = {
    "landscape": _OUTDOOR_TITLES,
    "seascape": (*_OUTDOOR_TITLES, "Off {place}, {light}", "{subject} off {place}", "Making for {place}", "The Tide at {place}"),
    "still life": (
        "Still Life with {subject}", "{counted}", "{subject} {setting}", "{subject} and {second}", "{counted} and {second}",
        "Arrangement No. {number}", "Kitchen Table with {subject}", "Study of {subject}", "{subject} ({colour})", "Afternoon, {subject}",
    ),
    "interior": (
        "Room with {subject}", "Interior with {subject}", "The {subject}", "{subject} {setting}", "{light} in the Studio",
        "House at {place}, {light}", "{counted} {light}", "The Upstairs Room", "Interior, {place}", "Nobody Speaking, {light}",
    ),
    "portrait": (
        "Portrait of {counted}", "{counted}", "Sitter from {place}", "Head of {counted}", "The {subject} from {place}",
        "Study in {colour}", "{subject} in {colour}", "Portrait No. {number}", "Someone from {place}",
    ),
    "animal": (
        "{counted} {setting}", "{counted}", "The {subject}", "Study of {subject}", "{subject} near {place}", "{subject}, {light}",
        "Field Study No. {number}: {subject}", "{subject} {setting}", "Companion, {place}",
    ),
    "abstract": (
        "Composition with {subject}", "{colour} {number}", "Study in {colour}", "Untitled ({subject})", "Rhythm No. {number}",
        "{subject}, Opus {number}", "Arrangement of {subject}", "{place} (Composition)", "Interval in {colour}",
    ),
    "textile": (
        "Panel with {subject}", "{colour} Hanging", "Cloth from {place}", "Length of Cloth with {subject}", "Cover ({subject})",
        "Hanging No. {number}", "Wedding Cloth, {place}", "{subject} {setting}",
    ),
    "ceramic": (
        "{counted}", "{subject} {setting}", "{subject} from {place}", "{subject}", "{place} Ware: {subject}", "{subject} No. {number}",
    ),
}  # fmt: skip
VIEWS = (
    "this {genre} shows {subject} {where}.", "here is {subject} {where}.", "in this {genre} the eye goes first to {subject} {where}.",
    "the picture gives us {subject} {where}.", "the whole sheet belongs to {subject} {where}.", "{Style} shows {subject} {where}.",
    "the subject is simple: {subject} {where}.", "we look at {subject} {where}.", "at the centre of this {genre} is {subject} {where}.",
    "made as {Style}, the work depicts {subject} {where}.", "{subject} {where} fills this {genre}.",
    "a plain idea carries this work: {subject} {where}.", "the workshop returned often to this theme, {subject} {where}.",
)  # fmt: skip
LOOKERS: dict[str, dict[str, tuple[str, ...]]] = {
    "light": {
        "dawn": ("Pale light spreads from the horizon as morning comes.", "The sun has only just risen.", "It is early: sunrise warms the lower sky."),
        "day": ("The scene is set in plain daylight.", "Clear daytime light falls on everything.", "It is the middle of the day."),
        "sunset": ("The sun is going down and the sky burns orange.", "The evening sky glows as the sun sets.", "The last light of the day turns the sky red and gold."),
        "dusk": ("Twilight has settled and the colours are cooling.", "The sun has gone; dusk tints the sky purple.", "It is the quiet time after sunset."),
        "night": ("The moon stands in a dark night sky.", "It is night, and the moon is out.", "Moonlight falls across the dark scene."),
    },
    "weather": {
        "snow": ("Snow is falling, and winter has covered everything in white.", "Snowflakes drift through the cold air.", "It is winter; snow lies all around."),
        "rain": ("Rain falls in thin slanting lines.", "The day is wet: rain streaks the whole scene.", "A shower passes over."),
        "storm": ("Lightning breaks from heavy clouds.", "A storm has come up, with dark clouds and driving rain.", "Thunder seems close: lightning forks from the sky."),
        "mist": ("Mist drifts across and softens the distance.", "Fog hides part of the view.", "Banks of fog lie over the scene."),
        "blossom": ("It is spring, and petals drift on the air.", "Blossom is everywhere: the season is spring.", "Falling petals tell us that spring has come."),
        "autumn": ("Autumn has turned the land orange and brown.", "Leaves are falling: it is autumn.", "The season is fall, with leaves on the wind."),
    },
    "genre": {
        "still life": ("Soft light comes from the left and casts short shadows on the table.", "Things of the kitchen are given room and time."),
        "interior": ("A window lets us look out of the room.", "Floorboards lead the eye across the room."),
        "portrait": ("The sitter looks straight out at us.", "The face is calm, the shoulders fill the lower half."),
        "abstract": ("Nothing is depicted but shape and colour.", "Plain geometry does all the work."),
        "textile": ("The pattern repeats from edge to edge.", "The cloth is shown flat, as it would hang on a wall."),
        "ceramic": ("Light slides down the glaze from the left.", "It stands alone on a plain studio ground."),
    },
    "people": {
        "some": ("Small figures give the scene its scale.", "A few people can be seen.", "There are people here, going about their day.", "Someone is there, small beside everything else."),
        "none": ("Nobody is in sight.", "There are no people in the picture.", "The place is empty of people.", "No figure disturbs the view."),
    },
    "colour": {
        "any": ("The strongest note is {colour}.", "The {subject} appears in {colour}, the key to the whole.", "It is the {colour} that one remembers.", "Everything is arranged around the {colour}.", "The {colour} catches the eye at once."),
    },
}  # fmt: skip
STYLE_NOTES: dict[str, tuple[str, ...]] = {
    "oil": ("Brush strokes follow the forms, thick in the lights.", "The oil paint is laid on in short, visible strokes."),
    "watercolour": ("Thin washes pool and dry with dark rims on the white paper.", "The watercolour was put down wet and left alone."),
    "woodblock": ("Flat colours sit inside dark printed outlines.", "The grain of the wood block shows in the printed colour."),
    "pointillism": ("Up close the picture breaks into thousands of separate dots.", "Small points of pure colour mix only in the eye."),
    "ink wash": ("Black ink, thinned with water, does everything here.", "The edges are left to fade into bare paper."),
    "poster": ("Flat inks and a wide border give it the punch of a poster.", "The shapes are cut down to a few flat colours."),
    "mosaic": ("Small stone tiles are set in pale mortar.", "Each tile differs a little from the next."),
    "pastel": ("Soft chalk lets the toned paper show through.", "The pastel is dragged lightly over rough paper."),
    "etching": ("All tone is made by crossing sets of fine black lines.", "A plate mark frames the printed lines."),
    "charcoal": ("Smudged charcoal gives soft greys and deep blacks.", "Diagonal strokes of charcoal darken the ground."),
    "woven": ("Two sets of threads pass over and under each other.", "It was woven in wool."),
    "embroidered": ("Slanting stitches catch the light like silk.", "The needlework covers the whole cloth."),
    "glazed": ("The clay was thrown on a wheel and glazed.", "The glaze is smooth and a little mottled."),
}  # fmt: skip
CLOSERS: dict[str, tuple[str, ...]] = {
    "landscape": ("The land recedes in layers towards the horizon.", "One can almost hear the quiet of the country.", "Far hills close the view."),
    "seascape": ("The sea fills the lower half of the view.", "Short strokes make the water move.", "The horizon divides water from sky."),
    "still life": ("Nothing moves, and nothing needs to.", "The shadows tell us where the light comes from.", "The background is kept plain."),
    "interior": ("The room feels lived in.", "It is a picture of being at home.", "The corner of the room gives it depth."),
    "portrait": ("Who the sitter was is not recorded, for nobody sat.", "The gaze holds us.", "The clothing is drawn in a few plain shapes."),
    "animal": ("The animal is observed with affection.", "The pose is still, the eye alert.", "The outline alone would tell us what it is."),
    "abstract": ("The balance is exact, but never stiff.", "The edges matter as much as the colours.", "Look long enough and it begins to move."),
    "textile": ("Such cloths were made to be used every day.", "The colours meet without a seam.", "Small irregularities show the hand."),
    "ceramic": ("The form is plain and useful.", "It fits the hand.", "The foot is left unglazed."),
}  # fmt: skip
