"""Briefs in other languages: who, where and when."""

import pytest

from reelgraph.video_tools.film import Brief, Storyboard
from reelgraph.video_tools.planning.offline import plan_offline


def plan(text: str) -> Storyboard:
    return plan_offline(Brief(text=text))


def where(board: Storyboard) -> list[tuple[str, str]]:
    names = {place.id: place.name for place in board.bible.places}
    return [(names.get(scene.place, ""), scene.time) for scene in board.scenes]


@pytest.mark.parametrize(
    ("text", "scenes"),
    [
        ("Un viejo marinero camina por el puerto. En la taberna, una niña canta. Más tarde, en la playa, ella ríe.",
         [("Puerto", ""), ("Taberna", ""), ("Playa", "")]),
        ("Une fille court dans la forêt. Elle arrive au bord du lac. La nuit, dans la cabane, un vieil homme dort.",
         [("Forêt", ""), ("Cabane", "night")]),
        ("Ein Fischer rudert auf den See. Er lacht. Am Abend wartet Greta im Hafen auf ihn.",
         [("See", ""), ("Hafen", "evening")]),
        ("Un vecchio pescatore rema sul lago. Sua nipote Chiara lo aspetta sulla spiaggia.",
         [("Lago", ""), ("Spiaggia", "")]),
        ("Uma menina corre na praia. À noite, eles dormem na cabana.", [("Praia", ""), ("Cabana", "night")]),
        ("Старый смотритель поднимается на маяк. На берегу стоит девочка. Вечером они ужинают на кухне.",
         [("Маяк", ""), ("Берег", ""), ("Кухня", "evening")]),
        ("小女孩走进森林。她看见一只狐狸。晚上，他们在山洞里睡觉。", [("森林", ""), ("山洞", "night")]),
        ("おじいさんが公園を歩いている。夜、二人は家に帰る。", [("公園", ""), ("家", "night")]),
        ("할아버지가 시장에서 사과를 산다. 저녁에 그들은 집에서 잔다.", [("시장", ""), ("집", "evening")]),
        ("صياد عجوز يجلس على الشاطئ. في الليل هم ينامون في البيت.", [("شاطئ", ""), ("بيت", "night")]),
        ("ילדה קטנה הולכת ביער. בערב היא יושבת בבית.", [("יער", ""), ("בית", "evening")]),
        ("एक लड़की जंगल में चलती है। रात को वह घर में सोती है।", [("जंगल", ""), ("घर", "night")]),
    ],
)  # fmt: skip
def test_a_brief_of_another_language_goes_where_and_when_it_says(text: str, scenes: list[tuple[str, str]]) -> None:
    assert where(plan(text)) == scenes


def test_a_place_has_its_colours_in_every_language() -> None:
    beach = plan("A girl runs on the beach.").bible.places[0].palette
    assert plan("Una niña corre en la playa.").bible.places[0].palette == beach


@pytest.mark.parametrize(
    ("text", "cast"),
    [
        ("Lukas öffnet die Tür. Der Hund läuft hinaus. Er ruft ihn zurück.", ["Lukas", "Hund"]),
        ("Im Hafen wartet Greta auf den Fischer.", ["Greta", "Fischer"]),
        ("Am Morgen öffnet Wiebke die Bäckerei. Plötzlich kommt Regen. Nebel zieht auf. Es ist kalt.", ["Wiebke"]),
        ("Torben ging durch den Wald. Ein Wal taucht im Meer auf.", ["Torben", "Wal"]),
        ("Draußen wartet das Kind. Langsam öffnet sich die Tür. Musik spielt.", ["Kind"]),
    ],
)
def test_a_german_name_is_found_though_it_is_said_once_and_nouns_are_not_names(text: str, cast: list[str]) -> None:
    assert [c.name for c in plan(text).bible.characters] == cast


@pytest.mark.parametrize(
    "text",
    [
        "Una niña ve un perro. Ellos ríen.", "Ein Kind sieht einen Hund. Beide lachen.",
        "小女孩看见一只狐狸。他们笑。", "Девочка видит собаку. Они смеются.", "ילדה רואה כלב. הם צוחקים.",
    ],
)  # fmt: skip
def test_they_are_who_was_just_seen(text: str) -> None:
    first, second = plan(text).shots
    assert len(first.characters) == 2
    assert second.characters == first.characters


@pytest.mark.parametrize(
    ("text", "shots"),
    [
        ("Una niña abre la ventana. El barco cruza la bahía. La lluvia moja la calle. Un perro corre por la playa.",
         [["Niña"], [], [], ["Perro"]]),
        ("Una niña ve un perro. La madre la abraza. El perro la sigue. Lo bueno llega.",
         [["Niña", "Perro"], ["Madre", "Niña"], ["Perro", "Niña"], []]),
        ("El niño llega. La abuela lo abraza. Lo besa. Lo lleva a la cama. La casa duerme. La noche.",
         [["Niño"], ["Abuela", "Niño"], ["Niño"], ["Niño"], [], []]),
        ("Un abuelo duerme. Entonces Lucía coge su linterna. El abuelo abre la puerta.",
         [["Abuelo"], ["Lucía"], ["Abuelo"]]),
        ("Un homme dort. La fille prend son sac et sort.", [["Homme"], ["Fille"]]),
    ],
)  # fmt: skip
def test_an_article_is_nobody_and_a_possessive_is_of_who_acts(text: str, shots: list[list[str]]) -> None:
    board = plan(text)
    names = {c.id: c.name for c in board.bible.characters}
    assert [[names[id_] for id_ in shot.characters] for shot in board.shots] == shots


@pytest.mark.parametrize(
    ("text", "cast"),
    [
        ("Una niña pequeña llamada Lucía vive en un faro. Lucía ríe. La niña canta.", ["Lucía"]),
        ("Había una vez un zorro llamado Bruno. Bruno corre por el bosque.", ["Bruno"]),
        ("Une fille nommée Margot ouvre la porte. Margot sort.", ["Margot"]),
        ("Es war einmal ein Junge namens Torben. Torben läuft in den Wald.", ["Torben"]),
        ("Una ragazza di nome Chiara apre la porta. Chiara esce.", ["Chiara"]),
        ("Uma menina chamada Inês corre na praia. Inês ri.", ["Inês"]),
        ("Старый рыбак по имени Иван сидит в лодке. Иван ловит рыбу.", ["Иван"]),
    ],
)
def test_a_noun_and_the_name_that_it_is_given_are_one(text: str, cast: list[str]) -> None:
    assert [c.name for c in plan(text).bible.characters] == cast


@pytest.mark.parametrize(
    ("text", "cast"),
    [
        ("Der Bäcker Anton, ein dicker Mann, knetet den Teig. Anton lacht.", [["anton"], ["anton"]]),
        ("Lucía, una mujer alta, abre la puerta. Lucía sonríe.", [["lucia"], ["lucia"]]),
        ("Pierre, un vieux pêcheur, répare un filet. Pierre sourit.", [["pierre"], ["pierre"]]),
        (
            "Pierre répare un filet. Un homme ouvre la porte. Pierre et l'homme sourient.",
            [["pierre"], ["homme"], ["pierre", "homme"]],
        ),
    ],
)
def test_a_phrase_between_commas_tells_of_the_name_before_it(text: str, cast: list[list[str]]) -> None:
    assert [shot.characters for shot in plan_offline(Brief(text=text)).shots] == cast


def test_an_article_written_onto_a_noun_is_no_part_of_it() -> None:
    board = plan("Un homme ouvre la porte. La pluie tombe. L'homme sourit.")
    assert [shot.characters for shot in board.shots] == [["homme"], [], ["homme"]]
    board = plan("Un'amica apre la porta. La pioggia cade. L'amica sorride.")
    assert [shot.characters for shot in board.shots] == [["amica"], [], ["amica"]]


@pytest.mark.parametrize(
    "text",
    [
        "Un niño mira el cielo. Luna llena sobre el mar.",
        "Una donna apre la finestra. Bella giornata. Mia madre canta.",
        "La pluie tombe dans la rue. Rose rouge sur la table. Claire nuit dehors.",
        "Un garçon entre dans la rue. Jean bleu sur une chaise.",
    ],
)
def test_a_word_that_begins_a_sentence_is_nobody_for_being_an_english_name(text: str) -> None:
    names = {who.name for who in plan(text).bible.characters}
    assert names.isdisjoint({"Luna", "Bella", "Mia", "Rose", "Claire", "Jean"})
