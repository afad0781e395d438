// What every route of the package stands on, and the one door through which each goes.
//
//   Request ─▶ [door: guard, right, roles apart] ─▶ handler            changes ─▶ back room, one after the other ─▶
//   Reply
//
// Roles are apart: whoever holds two of the five rights (grants.h), by two roles of one account, is let in nowhere.
// When a request arrived is noted before it waits for anything: a queue makes nobody late.
#pragma once

#include <functional>
#include <string>

#include "domain/awards/entry/entry_desk.h"
#include "net/router.h"
#include "serve/back_room.h"
#include "serve/guard.h"
#include "serve/respond.h"

namespace cityloop::awards {

struct Asked {
  const net::Request& request;
  const trust::Principal& who;
  Instant arrived;
  std::string_view part(std::string_view name) const;  // of the path
};

struct Office {
  const serve::Guard& guard;
  const base::Clock& clock;  // the city's
  EntryDesk& desk;
  serve::BackRoom& back;
  serve::BackRoom& study;  // for what takes seconds or minutes: a whole cycle read, pages masked

  // One handler of reading, on the thread that serves; of changing, on the back room's; of reading a whole cycle, on
  // the study's.
  using Answer = std::function<base::Result<net::Response>(const Asked&)>;
  net::Handler reads(trust::Permission, Answer) const;
  net::Handler changes(trust::Permission, Answer) const;
  net::Handler studies(trust::Permission, Answer) const;
  net::Handler anybody(Answer) const;  // the public
  net::Handler anybody_changes(Answer) const;
  net::Handler in(serve::BackRoom&, trust::Permission, Answer) const;

  // The applicant that an account is. Errc::not_found where it has not said who it is: then nothing is its own.
  base::Result<Applicant> applicant(const Asked&) const;
};

// Errc::invalid where it is no JSON object.
base::Result<base::JsonValue> body_of(const Asked&);
void write(base::JsonWriter&, std::string_view key, const Bilingual&);
// Instants in the API are ISO 8601 in UTC; null for kNever.
void write_lacks(base::JsonWriter&, const std::vector<Lack>&);
net::Response json(base::JsonWriter&, int status = 200);  // never kept by anybody between
// 422 with the code and the reason in both languages.
net::Response refusal(const Refusal&);
// A file as it may be given to a browser: by its checked type, to be saved, in a sandbox; of a range where one is
// asked.
base::Result<net::Response> file_response(const net::Request&, const Vault&, const StoredFile&,
                                          const std::string& name);
// Its blind copy, as `name`.pdf. Errc::not_found where none was made.
base::Result<net::Response> blind_file_response(const Vault&, const StoredFile&, const std::string& name);

}  // namespace cityloop::awards
