"""What the shop sells, where its visitors come from, and the words they use: constants, no logic."""

from __future__ import annotations

from typing import NamedTuple

SITE = "https://shop.example"


class Country(NamedTuple):
    """A country with its share of the persons and its languages (first one most common)."""

    code: str
    share: float
    languages: tuple[tuple[str, float], ...]


COUNTRIES = (
    Country("LV", 0.36, (("lv", 0.70), ("ru", 0.25), ("en", 0.05))),
    Country("EE", 0.15, (("et", 0.75), ("ru", 0.20), ("en", 0.05))),
    Country("PL", 0.20, (("pl", 0.95), ("en", 0.05))),
    Country("LT", 0.09, (("lt", 0.90), ("en", 0.10))),
    Country("DE", 0.08, (("de", 0.85), ("en", 0.15))),
    Country("CN", 0.05, (("zh", 0.90), ("en", 0.10))),
    Country("AE", 0.03, (("ar", 0.70), ("en", 0.30))),
    Country("GB", 0.04, (("en", 1.0),)),
)
HOME_COUNTRIES = ("LV", "EE", "LT")
LANGUAGES = ("lv", "et", "lt", "pl", "ru", "zh", "ar", "de", "en")

CATEGORIES = ("grāmatas", "õues-ja-aias", "kuchnia", "игрушки", "家居", "هدايا", "lighting", "Haushaltsgeräte")

# Each with its name, the place of its category in CATEGORIES and its price in EUR.
PRODUCTS = (
    ("Latviešu tautas pasakas", 0, 19.9),
    ("Rakstu krājums “Jūra”", 0, 24.5),
    ("Vārdnīca ar ķīļzīmēm", 0, 34.0),
    ("Piezīmju grāmata, šķiedra", 0, 9.9),
    ("Aiakäru", 1, 89.0),
    ("Õunapuu istik", 1, 29.0),
    ("Kastekann 10 l", 1, 24.9),
    ("Võrkkiik", 1, 74.5),
    ("Żelazko parowe", 2, 119.0),
    ("Garnek żeliwny", 2, 139.9),
    ("Nóż kuchenny „Święty”", 2, 54.0),
    ("Łyżka drewniana", 2, 6.5),
    ("Матрёшка, семь кукол", 3, 39.0),
    ("Конструктор «Мост»", 3, 49.9),
    ("Плюшевый ёж", 3, 22.0),
    ("Настольная игра", 3, 31.5),
    ("竹茶盘", 4, 64.0),
    ("青花瓷茶壶", 4, 89.9),
    ("折叠屏风", 4, 219.0),
    ("丝绸枕套", 4, 45.0),
    ("مصباح زيتي", 5, 58.0),
    ("طقم قهوة عربية", 5, 96.0),
    ("سجادة صغيرة", 5, 149.0),
    ("Desk lamp", 6, 42.0),
    ("Reading light, clip", 6, 18.5),
    ("Floor lamp “North”", 6, 129.0),
    ("LED strip 5 m", 6, 21.9),
    ("Kaffeemühle", 7, 79.0),
    ("Wasserkocher für Büros", 7, 49.0),
    ("Heißluftfritteuse", 7, 159.0),
    ("<script>alert(1)</script>", 6, 13.0),
    ('Cable "5\' / 1.5 m" & plug %{SIZE} ${HOME} \\', 7, 11.0),
)

# The same thing searched for in the visitor's language; English last, found even when native search is broken.
SEARCH_TERMS = {
    "lv": ("grāmata bērniem", "šķiedras somiņa", "lampa lasīšanai"),
    "et": ("õunapuu", "võrkkiik", "öölamp"),
    "lt": ("žvakidė", "šviestuvas"),
    "pl": ("żelazko", "garnek żeliwny", "nóż"),
    "ru": ("матрёшка", "настольная игра", "чайник"),
    "zh": ("茶壶", "屏风", "丝绸枕套"),
    "ar": ("مصباح", "قهوة"),
    "de": ("Kaffeemühle", "Gerät für Büros"),
    "en": ("lamp", "kettle", "gift & card", "100% cotton"),
}


class Channel(NamedTuple):
    """A channel of GA4's default grouping: how a landing looks, and what one contact really does.

    `effect` is added to the person's log-odds of buying at each landing and fades with time.
    """

    name: str
    effect: float
    query: str
    referrers: tuple[str, ...]


CHANNELS = (
    Channel("Direct", 0.0, "", ("",)),
    Channel("Organic Search", 0.0, "", ("https://www.google.com/", "https://www.bing.com/", "https://yandex.ru/")),
    Channel("Paid Search", 0.35, "utm_source=google&utm_medium=cpc&utm_campaign=brand-2026", ("https://www.google.com/",)),
    Channel("Email", 0.55, "utm_source=newsletter&utm_medium=email&utm_campaign=pavasaris-%C4%81tri", ("",)),
    Channel("Organic Social", 0.10, "", ("https://www.instagram.com/", "https://www.facebook.com/", "https://t.co/x1")),
    Channel("Paid Social", 0.15, "utm_source=facebook&utm_medium=paid_social&utm_campaign=жизнь", ("https://l.facebook.com/",)),
    Channel("Display", 0.30, "utm_source=adnet&utm_medium=display&utm_campaign=wave-1", ("https://news.example.com/a",)),
    Channel("Affiliates", 0.0, "utm_source=couponbird&utm_medium=affiliate&utm_campaign=deal", ("https://couponbird.example/",)),
    Channel("Referral", 0.45, "", ("https://blog.example.org/best-gifts", "https://forum.example.net/t/42")),
)  # fmt: skip
CHANNEL_NAMES = tuple(channel.name for channel in CHANNELS)

USER_AGENTS = {
    "mobile": (
        "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/148.0 Mobile Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 19_2 like Mac OS X) AppleWebKit/605.1 Version/19.2 Mobile Safari/604.1",
    ),
    "desktop": (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/148.0 Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
    ),
    "tablet": (
        "Mozilla/5.0 (iPad; CPU OS 19_2 like Mac OS X) AppleWebKit/605.1 Version/19.2 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 15; Tab S10) AppleWebKit/537.36 Chrome/148.0 Safari/537.36",
    ),
}
KIOSK_AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36"
CRAWLER_AGENTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
)

FIRST_NAMES = {
    "lv": ("Jānis", "Līga", "Mārtiņš", "Žanete"),
    "et": ("Õnne", "Jüri", "Tõnu", "Kärt"),
    "lt": ("Žygimantas", "Rūta", "Eglė"),
    "pl": ("Małgorzata", "Łukasz", "Stanisław"),
    "ru": ("Алексей", "Ольга", "Фёдор"),
    "zh": ("伟", "芳", "小明"),
    "ar": ("محمد", "فاطمة", "علي"),
    "de": ("Jürgen", "Käthe", "Günther"),
    "en": ("Anne-Marie", "O'Brian", "Sam"),
}
LAST_NAMES = {
    "lv": ("Bērziņš", "Kalniņa", "Ozoliņš"),
    "et": ("Mägi", "Põder", "Sööt"),
    "lt": ("Kazlauskienė", "Žukauskas"),
    "pl": ("Wójcik", "Kowalska-Nowak", "Dąbrowski"),
    "ru": ("Иванов", "Щербакова"),
    "zh": ("王", "李", "欧阳"),
    "ar": ("الحسن", "منصور"),
    "de": ("Müller", "Groß"),
    "en": ("Smith", "D'Arcy", "de la Cruz"),
}
COMPANY_NAMES = (
    "Ziemeļu Koks",
    "Põhja Valgus",
    "Żubr i Synowie",
    "ООО «Мост»",
    "北方贸易",
    "شركة النور",
    "Baltic Desk",
    "Büro & Co",
)
