// A letter of the city's to one person, and how a mail server is given it.
//
//   civic, packages ─ Letter ─▶ Post ─ letter_text ─▶ Smtp ─▶ mail server
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "flow/finding.h"

namespace cityloop::mail {

using base::Instant;

struct Letter {
  std::string key;  // what it is about, once; the Message-ID follows from it. Nothing personal: it is kept for ever
  std::string to;   // address
  std::string language;  // zh or en; anything else: both, one after the other
  flow::Bilingual subject, text;
};

// One address that a mail server can be told: NAME@HOST.TLD in ASCII, without blanks, signs of a list or brackets.
bool is_address(std::string_view);

// "Lakeside <noreply@lakeside.example>" → "noreply@lakeside.example"
std::string_view bare_address(std::string_view from);

// The same for the same key, so that a mailbox that gets a letter twice can tell.
std::string message_id(std::string_view key, std::string_view from);

// Head, empty line, body; lines end in CR LF, all of it ASCII. `from` as MailSettings has it.
std::string letter_text(const Letter&, std::string_view from, Instant now);

}  // namespace cityloop::mail
