"""Values of `DATABASE_URL`, good ones, and bad ones with what the refusal has to say; hunter2 must not be in it."""

GOOD_URLS = [
    "postgresql://",
    "postgresql://ada@db.example.com/lists",
    "postgresql://ada:p%40ss%2Fw%25rd@[::1]:65535/lists?sslmode=require&connect_timeout=5",
    "postgresql://one.example.com:1,two.example.com:,three.example.com/lists",
    "postgresql:///lists?host=/run/postgresql&options=-c%20search_path%3Dlists",
    "postgresql://ada:a?b#c&d=e@db.example.com/lists",
]
SCHEME = "must begin with postgresql://"
PASSWORD = "cannot be understood; special characters of the password have to be encoded"
PORT = "has a port that is no number"
BRACKETS = "has no address between its brackets"

WHY = {
    "mysql://ada:hunter2@db.example.com/lists": SCHEME,
    "sqlite:///lists.sqlite": SCHEME,
    "POSTGRESQL://db.example.com/lists": SCHEME,
    "postgresql:hunter2": SCHEME,
    "postgresql+psycopg://ada:hunter2@db.example.com/lists": SCHEME,
    "'postgresql://ada:hunter2@db.example.com/lists'": SCHEME,
    "host=db.example.com password=hunter2": SCHEME,
    "postgresql://ada:hunter2@db.example.com/lists?bogus=1": "has a parameter “bogus” that libpq does not know",
    "postgresql://db.example.com/lists?sslmode=require&SSLMODE=hunter2": "“SSLMODE” that libpq does not know",
    "postgresql://db.example.com/lists?=hunter2": "has a parameter “” that libpq does not know",
    "postgresql://db.example.com/lists?sslmode": "has a parameter “sslmode” without a value",
    "postgresql://db.example.com/lists?options=-c%20a=hunter2": "has a second “=” in its parameter “options”",
    "postgresql://ada:hunter2/?x=1@db.example.com/lists": PASSWORD,
    "postgresql://ada:@w?hunter2=1@db.example.com/lists": PASSWORD,
    "postgresql://ada:/w?hunter2=1@db.example.com/lists": PASSWORD,
    "postgresql://ada:hunter2@w@db.example.com/lists": PASSWORD,
    "postgresql://ada:/hunter2@db.example.com/lists": PASSWORD,
    "postgresql://ada:hunter2%@db.example.com/lists": "has a % without two hexadecimal digits",
    "postgresql://ada:hunter2%zz@db.example.com/lists": "has a % without two hexadecimal digits",
    "postgresql://ada:hunter2%00@db.example.com/lists": "has a NUL in it, as %00",
    "postgresql://ada:hunter2%ff@db.example.com/lists": "has characters encoded that are not UTF-8",
    "postgresql://ada:hunter2 x@db.example.com/lists": "has a blank in it",
    "postgresql://ada:hunter2@[::1/lists": BRACKETS,
    "postgresql://ada:hunter2@[]/lists": BRACKETS,
    "postgresql://ada:hunter2@[::1]x/lists": "has more than a port behind the address in brackets",
    "postgresql://ada:hunter2/lists": PORT,
    "postgresql://db.example.com:0/lists": PORT,
    "postgresql://db.example.com:65536/lists": PORT,
    "postgresql://db.example.com:-1/lists": PORT,
    "postgresql://db.example.com:1,two.example.com:x/lists": PORT,
    "postgresql://db.example.com/lists?port=\u0661": PORT,
    "postgresql://db.example.com/lists?port=%2B5432": PORT,
}
