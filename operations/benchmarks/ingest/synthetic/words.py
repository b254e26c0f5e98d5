"""Word lists that synthetic records are put together from."""
# ruff: noqa: RUF001 - titles are in many scripts


def _list(text: str) -> tuple[str, ...]:
    return tuple(" ".join(text.split()).split(", "))


SUBJECTS = _list(
    """
    harbor, orchard, shepherd, cathedral, bridge, dancer, vase, kimono, garden, fox, lantern,
    mountain, river, winter road, fishing boat, market, violin, dragon, heron, lute player, still
    life, temple, horse, crown, mother and child, reclining figure, portrait of a scholar, storm,
    lighthouse, windmill, wheat field, ruins, angel, saint, prophet, banquet, procession, mask,
    textile panel, chair, teapot, coin, helmet, folding screen, seated Buddha, plum branch, crane,
    iris, peony, street scene, railway station, café, circus rider, self-portrait, nude study,
    interior, staircase, window, moonlight, fireworks, cat, rooster
    """
)
ADJECTIVES = _list(
    """
    quiet, golden, distant, ruined, blue, crimson, early, late, unfinished, large, small, silver,
    northern, southern, sleeping, standing, seated, crowded, empty, gilded, carved, woven,
    painted, broken, ancient, fragile, luminous, dark, pale, vivid, sacred, imagined, nocturnal,
    snowy, burning, floating, mirrored
    """
)
VERBS = _list(
    """
    depicts, recalls, echoes, frames, celebrates, records, transforms, reveals, conceals,
    contrasts, unites, suggests, repeats, softens, exaggerates, observes, commemorates, questions,
    borrows, refines
    """
)
QUALITIES = _list(
    """
    light, color, silence, movement, devotion, power, memory, labor, leisure, grief, harvest,
    travel, trade, marriage, ritual, theater, music, weather, childhood, old age, faith, war,
    peace, myth, industry, fashion, perspective, texture, line, shadow, ornament, pattern, rhythm,
    distance, symmetry, gesture
    """
)
PLACES = _list(
    """
    Italy, France, United States, Japan, China, Korea, India, Iran, Mexico, Peru, Nigeria, Egypt,
    Greece, Spain, Germany, Flanders, Netherlands, England, Austria, Russia, Turkey, Indonesia,
    Guatemala, Mali, Chicago, Paris, Rome, Kyoto, Beijing, Venice
    """
)
DEPARTMENTS = _list(
    """
    Prints and Drawings, Photography and Media, Textiles, Arts of Asia, Arts of the Americas,
    Applied Arts of Europe, Painting and Sculpture of Europe, Modern and Contemporary Art,
    Architecture and Design, Arts of Africa, Arts of Greece; Rome; and Byzantium
    """
)
# Type, classification, medium and materials that go together.
KINDS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("Print", "etching", "Etching on ivory laid paper", ("paper (fiber product)", "ink")),
    ("Print", "woodblock print", "Color woodblock print; oban", ("paper (fiber product)", "wood")),
    ("Photograph", "photograph", "Gelatin silver print", ("gelatin silver", "paper")),
    (
        "Drawing and Watercolor",
        "drawings (visual works)",
        "Watercolor over graphite on cream wove paper",
        ("watercolor", "graphite", "paper (fiber product)"),
    ),
    ("Painting", "oil on canvas", "Oil on canvas", ("oil paint (paint)", "canvas")),
    ("Textile", "weaving", "Silk, plain weave with brocading wefts", ("silk", "textile")),
    ("Sculpture", "bronze", "Bronze, cast, with brown patina", ("bronze", "metal")),
    ("Vessel", "ceramic", "Stoneware with celadon glaze", ("stoneware", "glaze")),
    ("Furniture", "chair", "Walnut, carved and gilded, with brass", ("walnut", "brass")),
    ("Coin", "coin", "Silver", ("silver", "metal")),
)
STYLES = _list(
    """
    19th century, 20th century, Impressionism, Baroque, Renaissance, Modernism, ukiyo-e,
    Mannerist, Japanese (culture or style), Chinese (culture or style), Neoclassicism, Realism,
    Surrealism
    """
)
GIVEN = _list(
    """
    Alma, Bruno, Carla, Dimitri, Elena, Farid, Greta, Hiroshi, Ines, Jakob, Kamala, Lorenz, Mei,
    Noor, Otto, Paloma, Quentin, Rosa, Søren, Tariq, Ursula, Víctor, Wen, Ximena, Yusuf, Zofia
    """
)
SYLLABLES = _list(
    """
    bar, bel, cor, dan, del, fen, gar, hol, kir, lan, mar, mon, nor, or, per, quin, ros, sal, tan,
    ul, val, wes, yar, zen
    """
)
NATIONALITIES = _list(
    """
    American, French, Italian, Japanese, Chinese, Korean, German, Spanish, Dutch, Flemish,
    English, Mexican, Indian, Nigerian, Russian, Austrian
    """
)
# Titles of works as museums give them in other languages, some beside an English one.
FOREIGN_TITLES = (
    "山水圖",
    "花鳥冊頁",
    "富嶽遠望",
    "名所江戸の雪",
    "까치와 호랑이",
    "책가도 병풍",
    "Зимний вечер в деревне",
    "Портрет неизвестной",
    "Το λιμάνι τη νύχτα",
    "منظر النهر عند الغروب",
    "גן בירושלים",
    "नदी के किनारे",
    "Élégante à l’opéra",
    "La fenêtre ouverte, soir d’été",
    "Die Brücke im Nebel",
    "Mädchen mit Äpfeln",
    "La niña y el pájaro",
    "Natività con angeli",
    "Gezicht op de haven",
    "Žena s květinou",
    "Dziewczyna z różą",
    "Cửa sổ mùa thu",
)
