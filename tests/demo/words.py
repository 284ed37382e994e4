"""Names and sentences of the demo: where people spend, and why staff step in. Prices are in hundredths."""

from typing import NamedTuple

BANK, MERCHANTS, UTILITIES = "bank", "merchants", "utilities"
LANDLORDS, PROMOTIONS, FEES = "landlords", "promotions", "fees"

ACCOUNTS = {
    BANK: ("Bank", "Money that comes from people's banks, and goes back there"),
    MERCHANTS: ("Merchants", "What shops are owed for what was bought"),
    UTILITIES: ("Utilities", "Electricity, water, telephone"),
    LANDLORDS: ("Landlords", "Rents passed on"),
    PROMOTIONS: ("Promotions", "Cashback and gifts that we pay"),
    FEES: ("Fees", "What we charge"),
}


class Shop(NamedTuple):
    """Where money is spent, what for, through which client, and from how much to how much."""

    name: str
    what: str
    client: str
    account: str
    least: int
    most: int


SHOP, APP, POS = "client:shop-backend", "client:mobile-app", "client:pos-terminals"
BILLS, TRAVEL = "client:bill-desk", "client:travel-desk"

SHOPS = (
    Shop("Annapurna Kirana", "groceries", POS, MERCHANTS, 80_00, 1_400_00),
    Shop("Green Basket", "vegetables and fruit", POS, MERCHANTS, 60_00, 650_00),
    Shop("Green Basket", "vegetables and fruit", POS, MERCHANTS, 60_00, 650_00),
    Shop("Udupi Corner", "lunch", POS, MERCHANTS, 90_00, 420_00),
    Shop("Chai Sutra", "tea and snacks", POS, MERCHANTS, 30_00, 180_00),
    Shop("Chai Sutra", "tea and snacks", POS, MERCHANTS, 30_00, 180_00),
    Shop("Biryani House", "dinner, delivered", SHOP, MERCHANTS, 180_00, 950_00),
    Shop("City Metro", "card recharge", APP, MERCHANTS, 100_00, 500_00),
    Shop("Sanjeevani Pharmacy", "medicines", POS, MERCHANTS, 70_00, 1_100_00),
    Shop("Silk Route Sarees", "clothes", SHOP, MERCHANTS, 450_00, 4_800_00),
    Shop("Footprint", "shoes", SHOP, MERCHANTS, 600_00, 3_600_00),
    Shop("Pustak Bhandar", "books", SHOP, MERCHANTS, 150_00, 1_200_00),
    Shop("Rangoli Home", "household", SHOP, MERCHANTS, 200_00, 2_900_00),
    Shop("Galaxy Cinema", "tickets", APP, MERCHANTS, 180_00, 900_00),
    Shop("Vayu Fibre", "broadband", BILLS, UTILITIES, 399_00, 999_00),
    Shop("State Electricity Board", "electricity bill", BILLS, UTILITIES, 350_00, 2_600_00),
    Shop("Municipal Water Works", "water bill", BILLS, UTILITIES, 120_00, 480_00),
    Shop("Mobile recharge", "28 days", APP, UTILITIES, 199_00, 349_00),
    Shop("Paper statement", "by post", BILLS, FEES, 15_00, 40_00),
)
# What is asked for when there is not enough.
DEAR_SHOPS = (
    Shop("Vidyut Electronics", "laptop", SHOP, MERCHANTS, 0, 0),
    Shop("Tanisha Jewellers", "gold chain", SHOP, MERCHANTS, 0, 0),
    Shop("Sargam Radio & TV", "television", SHOP, MERCHANTS, 0, 0),
    Shop("Monsoon Holidays", "package tour", TRAVEL, MERCHANTS, 0, 0),
    Shop("Pedal & Co", "bicycle", SHOP, MERCHANTS, 0, 0),
)
FUEL = Shop("Highway Fuels", "fuel", POS, MERCHANTS, 500_00, 2_500_00)
HOTELS = (
    Shop("Hotel Sagar", "deposit", TRAVEL, MERCHANTS, 1_500_00, 6_000_00),
    Shop("Lake View Residency", "deposit", TRAVEL, MERCHANTS, 2_000_00, 8_500_00),
    Shop("Safar Rentals", "car deposit", TRAVEL, MERCHANTS, 1_000_00, 5_000_00),
)

BETWEEN_FRIENDS = (
    *(
        "Dinner on Friday",
        "Cab to the airport",
        "Rent share",
        "Birthday gift",
        "Movie tickets",
        "For Diwali",
        "Thanks!",
    ),
    *("Groceries", "Trip to Goa", "Cricket kit", "School fees", "Lunch", "Electricity share", "What I owe you"),
)
WHY_RETURNED = ("Returned: wrong size", "Returned: damaged", "Order cancelled", "Paid twice", "Item out of stock")
WHY_FROZEN = (
    *("Phone reported stolen, ticket 4711", "Disputed card top-ups, ticket 4802", "Request of the police, case 118/26"),
    *("Unusual transfers at night, under review", "Documents expired, asked for new ones"),
)
