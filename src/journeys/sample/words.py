"""Texts of customers by language: comments to surveys and first lines of support tickets."""

from __future__ import annotations

# language: (glad, neither, unhappy); some people leave no comment at all
COMMENTS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "en": (
        ("Easy and fast, thank you!", "Great service, will order again.", ""),
        ("It was fine.", "", "Okay, but delivery could be faster."),
        (
            "I could not pay, the form is broken.",
            "Not happy: far too complicated.",
            "Delivery cost came as a nasty surprise.",
        ),
    ),
    "lv": (
        ("Viss ļoti ātri un ērti, paldies!", "Lieliska apkalpošana.", ""),
        ("Bija normāli.", "", "Nekas īpašs."),
        ("Nevarēju samaksāt, karte netiek pieņemta.", "Ļoti neērti un lēni.", "Piegāde pēkšņi kļuva dārga."),
    ),
    "et": (
        ("Väga kiire ja mugav, aitäh!", "Suurepärane teenindus.", ""),
        ("Oli täitsa tavaline.", "", "Käib kah."),
        ("Ma ei saanud maksta, vorm ei tööta.", "Väga ebamugav ja aeglane.", "Otsing ei leidnud midagi."),
    ),
    "pl": (
        ("Szybko i wygodnie, dziękuję!", "Świetna obsługa, polecam.", ""),
        ("Było w porządku.", "", "Nic szczególnego."),
        (
            "Nie mogłem zapłacić, formularz nie działa.",
            "Za drogo, koszt dostawy mnie zaskoczył.",
            "Żenada, strata czasu.",
        ),
    ),
    "ru": (
        ("Всё быстро и удобно, спасибо!", "Отличный магазин, рекомендую.", ""),
        ("Нормально.", "", "Ничего особенного."),
        ("Не смог оплатить, карта не проходит.", "Очень неудобно и долго.", "Поиск ничего не находит."),
    ),
    "zh": (
        ("很快很方便，谢谢！", "服务很好，会再来。", ""),
        ("还可以。", "", "一般。"),
        ("无法付款，表单坏了。", "太复杂，很失望。", "运费太贵了。"),
    ),
}

TICKET_TEXTS: dict[str, dict[str, str]] = {
    "delivery": {
        "en": "Where is my parcel?",
        "lv": "Kur ir mans sūtījums?",
        "et": "Kus mu pakk on?",
        "pl": "Gdzie jest moja paczka?",
        "ru": "Где моя посылка?",
        "zh": "我的包裹在哪里？",
    },
    "payment": {
        "en": "My card is refused on the phone, again and again.",
        "lv": "Telefonā karte netiek pieņemta.",
        "et": "Telefonis ei võeta mu kaarti vastu.",
        "pl": "Na telefonie formularz odrzuca moją kartę.",
        "ru": "На телефоне карта не принимается.",
        "zh": "手机上无法刷卡付款。",
    },
    "delivery cost": {
        "en": "Why is the delivery cost only shown at the end?",
        "lv": "Kāpēc piegādes cena parādās tikai beigās?",
        "et": "Miks tarnehind selgub alles lõpus?",
        "pl": "Dlaczego koszt dostawy widać dopiero na końcu?",
        "ru": "Почему цена доставки видна только в конце?",
        "zh": "为什么运费到最后才显示？",
    },
    "search": {
        "en": "The search finds nothing.",
        "lv": "Meklēšana neko neatrod.",
        "et": "Otsing ei leia midagi.",
        "pl": "Wyszukiwarka niczego nie znajduje.",
        "ru": "Поиск ничего не находит.",
        "zh": "搜索不到任何东西。",
    },
}
