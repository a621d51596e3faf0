/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Made-up people: who they are.
 *
 * Person 1 can always sign in: verified e-mail, bcrypt hash, not blocked, a plain name.  Every 200th person
 * from 150 on is banned, every 500th from 333 on is locked; nobody else is blocked.
 */
#include "connectors/made_up.h"

#include <stdio.h>

#include "base/buf.h"

/* "2022-01-01T00:00:00Z", and four years. */
#define FIRST_DAY_MS INT64_C(1640995200000)
#define YEARS_MS (INT64_C(4) * 365 * 86400 * 1000)

struct name {
	const char *text;
	const char *ascii;
};

static const struct name first_names[] = {
	{"Ada", "ada"},
	{"Ben", "ben"},
	{"Chidi", "chidi"},
	{"Daria", "daria"},
	{"Emil", "emil"},
	{"Farah", "farah"},
	{"Gustav", "gustav"},
	{"Hana", "hana"},
	{"Ibrahim", "ibrahim"},
	{"Joana", "joana"},
	{"Kofi", "kofi"},
	{"Lena", "lena"},
	{"Mateo", "mateo"},
	{"Nadia", "nadia"},
	{"Zoë", "zoe"},
	{"Łukasz", "lukasz"},
	{"Søren", "soren"},
	{"小明", "xiaoming"},
	{"Αθηνά", "athina"},
	{"Ивана", "ivana"},
	{"Anne-Marie", "annemarie"},
	{"Jo \"JJ\"", "jojay"},
	{"Mary, Ann", "mary"},
	{"O'Neil", "oneil"},
	{"Two\nLines", "twoline"},
	{"=Formula", "formula"},
};

static const struct name last_names[] = {
	{"Example", "example"},
	{"Sample", "sample"},
	{"Specimen", "specimen"},
	{"Muster", "muster"},
	{"Testova", "testova"},
	{"Placeholder", "placeholder"},
	{"Ejemplo", "ejemplo"},
	{"Exemplo", "exemplo"},
	{"Esempio", "esempio"},
	{"Voorbeeld", "voorbeeld"},
	{"Przykład", "przyklad"},
	{"Mønster", "monster"},
	{"例", "rei"},
	{"de la Prueba", "prueba"},
	{"Example, Jr.", "examplejr"},
	{"Lorem-Ipsum", "lorem"},
};

/* Domains that are reserved for examples; one is written in its own letters. */
static const char *const domains[] = {
	"example.com", "example.org", "example.net", "mail.example.com", "team.example.com",
};
#define WIDE_DOMAIN "bücher.example.com"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t draw(struct rh_clock_manual *random, uint64_t below)
{
	return random->clock.random(&random->clock) % below;
}

/* True `percent` times in a hundred; always draws, so that later draws do not depend on it. */
static bool chance(struct rh_clock_manual *random, unsigned percent)
{
	return draw(random, 100) < percent;
}

void made_up_person_random(const struct made_up_person *person, const char *use,
			   struct rh_clock_manual *out)
{
	uint64_t mixed = person->key;

	for (; *use != '\0'; use++) {
		mixed = (mixed ^ (unsigned char)*use) * UINT64_C(0x100000001b3);
	}
	rh_clock_manual_init(out, 0, mixed);
}

void made_up_person_letters(const struct made_up_person *person, const char *use, char *out,
			    size_t len)
{
	static const char digits[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	struct rh_clock_manual random;

	made_up_person_random(person, use, &random);
	for (size_t i = 0; i < len; i++) {
		out[i] = digits[draw(&random, 62)];
	}
	out[len] = '\0';
}

void made_up_person_digits(const struct made_up_person *person, const char *use, char out[22])
{
	struct rh_clock_manual random;

	made_up_person_random(person, use, &random);
	(void)snprintf(out, 22, "1%010llu%010llu", (unsigned long long)draw(&random, 10000000000U),
		       (unsigned long long)draw(&random, 10000000000U));
}

static void give_names(struct made_up_person *person, struct rh_clock_manual *random)
{
	/* The last few first names are hard for readers of CSV and rare in life. */
	size_t firsts = chance(random, 8) ? COUNT_OF(first_names) : 20;
	const struct name *first = &first_names[draw(random, firsts)];
	const struct name *last = &last_names[draw(random, COUNT_OF(last_names))];
	const char *domain = domains[draw(random, COUNT_OF(domains))];
	bool is_wide = chance(random, 1);
	bool is_nameless = chance(random, 3);

	if (person->number == 1) {
		first = &first_names[0];
		last = &last_names[0];
		domain = domains[0];
		is_wide = false;
		is_nameless = false;
	}
	person->first_name = is_nameless ? NULL : first->text;
	person->last_name = is_nameless ? NULL : last->text;
	(void)snprintf(person->email, sizeof(person->email), "%s.%s%llu@%s", first->ascii,
		       last->ascii, (unsigned long long)person->number,
		       is_wide ? WIDE_DOMAIN : domain);
	if (chance(random, 8)) {
		(void)snprintf(person->second_email, sizeof(person->second_email),
			       "%s%llu@work.example.org", first->ascii,
			       (unsigned long long)person->number);
	}
	if (chance(random, 20)) {
		(void)snprintf(person->username, sizeof(person->username), "%s_%llu", first->ascii,
			       (unsigned long long)person->number);
	}
}

/*
 * North American numbers 555-0100 to 555-0199 are kept free for fiction in every area; when they are used up,
 * country code 999 is: nobody has it.
 */
void made_up_person_phone(struct made_up_person *person)
{
	uint64_t area = 201 + person->number / 100;

	if (area <= 900) {
		(void)snprintf(person->phone, sizeof(person->phone), "+1%03u55501%02u",
			       (unsigned)area, (unsigned)(person->number % 100));
	} else {
		(void)snprintf(person->phone, sizeof(person->phone), "+999%010llu",
			       (unsigned long long)(person->number % 10000000000U));
	}
}

static void give_password(struct made_up_person *person, struct rh_clock_manual *random)
{
	bool has_password = chance(random, 70);
	uint64_t kind = draw(random, 100);
	uint64_t form = draw(random, 10);

	if (!has_password) {
		person->hasher = MADE_UP_NO_PASSWORD;
	} else if (kind < 2) {
		person->hasher = MADE_UP_SHA256;
	} else {
		person->hasher = kind == 2 ? MADE_UP_COGNITO : MADE_UP_BCRYPT;
	}
	person->bcrypt_form = form < 7 ? 0 : form < 9 ? 1 : 2;
	if (person->number == 1) {
		person->hasher = MADE_UP_BCRYPT;
		person->bcrypt_form = 0;
	}
}

static void give_profile(struct made_up_person *person, struct rh_clock_manual *random)
{
	static const char *const locales[] = {"en-US", "de-DE", "pt-BR", "ja-JP"};
	uint64_t metadata = draw(random, 10);

	person->is_email_verified = !chance(random, 4) || person->number == 1;
	person->is_second_verified = chance(random, 50);
	person->has_totp = chance(random, 10);
	person->has_backup_codes = chance(random, 60) && person->has_totp;
	person->has_sms = chance(random, 2);
	person->is_phone_verified = chance(random, 80) || person->has_sms;
	if (chance(random, 15) || person->has_sms) {
		made_up_person_phone(person);
	}
	person->passkeys = chance(random, 3) ? 1 + (unsigned)draw(random, 2) : 0;
	person->has_google = chance(random, 25);
	person->has_github = chance(random, 8);
	person->has_image = chance(random, 30);
	person->has_external_id = chance(random, 10);
	person->has_legal = chance(random, 60);
	person->locale = chance(random, 30) ? locales[draw(random, COUNT_OF(locales))] : NULL;
	person->metadata = metadata < 4   ? MADE_UP_NO_METADATA
			   : metadata < 7 ? MADE_UP_FLAT
			   : metadata < 9 ? MADE_UP_NESTED
					  : MADE_UP_ALL_KINDS;
	person->created_ms = FIRST_DAY_MS + (int64_t)draw(random, (uint64_t)YEARS_MS);
	person->updated_ms = person->created_ms + (int64_t)draw(random, 86400000);
	person->last_sign_in_ms =
		chance(random, 85) ? person->updated_ms + (int64_t)draw(random, 86400000) : 0;
}

void made_up_person_make(struct made_up_person *person, uint64_t seed, uint64_t number)
{
	struct rh_clock_manual random;

	*person = (struct made_up_person){.number = number, .has_named_primary = true};
	rh_clock_manual_init(&random, 0, seed);
	person->key = random.clock.random(&random.clock) ^ number * UINT64_C(0xd1342543de82ef95);
	made_up_person_random(person, "person", &random);
	give_names(person, &random);
	give_password(person, &random);
	give_profile(person, &random);
	person->is_banned = number % 200 == 150;
	person->is_locked = number % 500 == 333;
}
