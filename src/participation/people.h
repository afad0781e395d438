// Who takes part: persons by their confirmed addresses, what each supports, which proposals are theirs, and the letters
// on their way to them. All that is personal stands here and nowhere else, so that it can be erased.
//
//   PeopleRoutes, ProposalRoutes ─▶ [People] ─▶ ProposalView, Letters
//
// A person's number is a keyed hash of their address: the same address is the same person, and supports once. One file,
// DATA/participation.db; erased means overwritten (store/sqlite.h). Any thread; a call that returns has its change on
// disk.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "store/sqlite.h"

namespace cityloop::participation {

using base::Instant;

struct Person {
  std::string number;  // 16 hexadecimal digits
  std::string email;
  std::string name;  // shown beside what they write; may be empty
  std::string language{"zh"};
  bool confirmed{false};
  Instant since{base::kNever};  // secrets of an earlier time, before it was erased, hold no more
};

// A link on its way to a person.
struct DueLetter {
  std::string key;
  Person to;
  std::string next;  // where the link leads afterwards
  unsigned attempts{};
};

class People {
 public:
  static base::Result<std::unique_ptr<People>> open(const std::string& file);

  // persons
  // Makes the person, unconfirmed, or leaves one that is there as it is; and the letter. One step.
  base::Status ask(const Person&, std::string_view letter_key, std::string_view next, Instant now);
  base::Result<std::optional<Person>> person(std::string_view number);
  base::Status confirm(std::string_view number);
  base::Status rename(std::string_view number, std::string_view name, std::string_view language);
  base::Status erase(std::string_view number);  // and their support and letters
  base::Result<std::int64_t> erase_unconfirmed_before(Instant);

  // support
  base::Result<bool> support(std::string_view person, std::string_view case_id);  // false: did already
  base::Result<bool> withdraw(std::string_view person, const std::vector<std::string>& cases);
  // Persons who support one of these, each once.
  base::Result<std::int64_t> supporters(const std::vector<std::string>& cases);
  base::Result<bool> supports(std::string_view person, const std::vector<std::string>& cases);
  base::Result<std::vector<std::string>> supported_by(std::string_view person);  // cases

  // authors
  base::Status put_author(std::string_view author, std::string_view person);
  base::Status drop_author(std::string_view author);
  base::Result<std::string> person_of(std::string_view author);  // empty where nobody is known
  base::Result<std::vector<std::string>> authorships(std::string_view person);

  // cases that were proposals, so that ended ones are found again in the archive
  base::Status remember_case(std::string_view case_id);
  base::Result<std::vector<std::string>> remembered_cases();

  // letters
  base::Result<std::vector<DueLetter>> due_letters(Instant now, std::size_t max);
  base::Status letter_done(std::string_view key);  // taken, or given up
  base::Status letter_failed(std::string_view key, Instant next);

 private:
  explicit People(store::Sqlite db) : db_(std::move(db)) {}
  base::Status run(std::string_view sql, std::initializer_list<std::string_view> texts);
  base::Result<std::vector<std::string>> texts(std::string_view sql, std::string_view by);

  std::mutex mutex_;
  store::Sqlite db_;  // guarded by mutex_
};

}  // namespace cityloop::participation
