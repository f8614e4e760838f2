"""Names of people who do not exist, from many languages."""

from typing import NamedTuple


class Country(NamedTuple):
    """Where some of the members live: how they write, by which clock, and what people are called there."""

    language: str
    zone: str
    given: tuple[str, ...]
    family: tuple[str, ...]


def _country(language: str, zone: str, given: str, family: str) -> Country:
    return Country(language, zone, tuple(given.split()), tuple(family.split()))


COUNTRIES = (
    _country(
        "de",
        "Europe/Berlin",
        "Anneliese Bernd Cläre Dietmar Fränzi Gökhan Heiderose Jörg Käthe Lorenz Mareike Nils Svenja Uwe",
        "Ackermann Brückner Eisenbarth Großmann Hölzl Kühnapfel Lindwurm Möllenkamp Petersen Schönfelder Zöller",
    ),
    _country(
        "en",
        "Europe/London",
        "Alfie Bronwen Callum Dorothy Eilidh Freya Gareth Harriet Imogen Joss Kieran Maeve Rhys Tamsin",
        "Ashdown Blackwood Carrick Dunmore Fairweather Hollis Kestrel Loxley Merriman Ó’Riain Pengelly Thackeray",
    ),
    _country(
        "en",
        "America/Chicago",
        "Abigail Brandon Celeste Darnell Eunice Franklin Guadalupe Hank Ilona Jermaine Keisha Leroy",
        "Abernathy Boudreaux Castellanos Dillard Eastman Featherstone Goldwater Hightower Nakai Okonkwo Whitfield",
    ),
    _country(
        "fr",
        "Europe/Paris",
        "Amélie Benoît Clémence Didier Éloïse François Gaëlle Hélène Joël Loïc Maëlys Noémie Régis Zoé",
        "Beauchêne Chauvin Delacroix-Petit Étienne Garçon Lefèvre Noël Préjean Rivière Saint-Amour Trémaux",
    ),
    _country(
        "es",
        "Europe/Madrid",
        "Álvaro Begoña Cristóbal Dolores Elías Fátima Gonzalo Inés Jesús Leocadia Nuño Rocío Tomás",
        "Álvarez Bermúdez Cañizares Echeverría Fernández Ibáñez Lozano Muñoz Núñez Peñalver Quiñones Zúñiga",
    ),
    _country(
        "it",
        "Europe/Rome",
        "Alessio Benedetta Cosimo Dalila Ettore Fiorella Giosuè Ilaria Niccolò Ornella Pellegrino Tosca",
        "Abbagnale Bellandi Cantalamessa D’Angelo Falcinelli Graziosi Lo-Presti Mastroianni Spadaccini Vòltera",
    ),
    _country(
        "pl",
        "Europe/Warsaw",
        "Agnieszka Bogusław Czesława Dobromił Elżbieta Grażyna Łukasz Małgorzata Sławomir Żaneta Świętosława",
        "Brzęczyk Chrząszcz Dąbrowa Gołębiewska Jóźwiak Kołodziej Mączyńska Wójcik Zięba Żółtowski Śliwa",
    ),
    _country(
        "tr",
        "Europe/Istanbul",
        "Ayşegül Barış Çiğdem Doğan Eylül Gülşen İlhan Kağan Neşe Özge Şükrü Ümit Yıldız",
        "Akdağ Büyükçelik Çınar Demirtaş Erdoğmuş Gündoğdu Işık Karagöz Öztürkmen Şahinoğlu Yıldırım",
    ),
    _country(
        "cs",
        "Europe/Prague",
        "Anežka Bořivoj Čeněk Dobroslava Jiří Květoslav Libuše Matěj Přemysl Růžena Šárka Žofie",
        "Březina Černohorská Dvořáček Hradecký Jeřábek Kučerová Novotníček Řezníčková Šťastný Vrzalová Žižka",
    ),
    _country(
        "el",
        "Europe/Athens",
        "Αριάδνη Βασίλης Γιώργος Δήμητρα Ελένη Θάνος Ιφιγένεια Κώστας Μυρτώ Νεφέλη Ορέστης",
        "Αναγνώστου Βλαχάκης Γεωργίου Δρακοπούλου Ζαφειρίδης Καραμανλή Μαυρίδης Παπαδάκη Σταθόπουλος",
    ),
    _country(
        "uk",
        "Europe/Kyiv",
        "Богдана В’ячеслав Ганна Дмитро Євгенія Зоряна Ігор Катерина Лесь Мирослава Остап",
        "Бондаренко Вишневська Гнатюк Дорошенко Ковальчук Лисенко Мельник Петренко Шевчук",
    ),
    _country(
        "ja",
        "Asia/Tokyo",
        "葵 大輔 恵美子 冬馬 花子 一郎 香織 蓮 美咲 直樹 凛 太一",
        "青木 藤井 林 井上 加藤 森 中川 小川 佐々木 高橋 渡辺",
    ),
)
