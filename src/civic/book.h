// What this room must keep beside the log, because it may never stand in it: how reporters are reached, and what hangs
// on that. One file in the data folder.
//
//   report    one a report by link: its number, which case it became, up to which step its notices are made
//   contact   of a report: erased by the citizen, or when its time is over; erased means overwritten
//   push      browsers that a report's notices are pushed to: erased with the contact, one by one, or by what a push
//             service says
//   photo     which photos there are, since when, by whom, and which cases name them
//   outbox    notices to reporters, each once by its key; they say nothing of where they are sent
//   delivery  of each notice by each channel that there was when it was made: the mail box, each browser
//
// All but contact, push and what was delivered could be made again from the log. Any thread; a call that returns has
// its change on disk.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "civic/civic_tables.h"
#include "flow/finding.h"

namespace cityloop::civic {

using base::Instant;

struct Contact {
  std::string name, email, phone;
  std::string language;  // zh or en; empty: both
  bool empty() const { return name.empty() && email.empty() && phone.empty(); }
};

struct Report {
  std::string number;   // 16 hexadecimal digits; its author is "citizen:NUMBER"
  std::string service;  // code
  std::string key_of;   // which program posted it (Open311); empty: by the public page
  std::string opened;   // the case that it became; empty until there is one
  std::string follows;  // where that goes on when it was merged; otherwise the same
  Instant at{base::kNever};
  std::int64_t told{0};  // steps of the followed case's timeline that notices are made of
  Instant ended_at{base::kNever};
};

struct SeenContact {
  Instant at{base::kNever};
  std::string by, department;
};

struct Notice {
  std::string key;     // of its report and step: the same is made once
  std::string report;  // number
  std::string status;  // civic/words.h; "survey" where it asks
  Instant at{base::kNever};
  flow::Bilingual text;
  std::string ask{};  // number of what it asks (survey_book.h); empty: nothing
};

// A browser that a report's notices are pushed to (the Push API's PushSubscription).
struct Browser {
  std::string report;
  std::string id;            // follows from the endpoint
  std::string endpoint;      // the push service's address for it: a secret, and personal
  std::string p256dh, auth;  // its keys, base64url
  std::string language;      // zh or en; empty: the contact's
  Instant at{base::kNever};
};
inline constexpr std::size_t kBrowsersMax = 5;  // of one report

enum class Channel : std::uint8_t { mail, push };
std::string_view to_string(Channel);

// What a state of delivery belongs to.
struct DeliveryKey {
  std::string notice;
  Channel channel{Channel::mail};
  std::string target{};  // of a push the browser's id
  friend auto operator<=>(const DeliveryKey&, const DeliveryKey&) = default;
};

struct DueNotice {
  Notice is;
  Contact to;
  unsigned attempts{};
};

struct DuePush {
  Notice is;
  Browser to;
  std::string language;  // zh or en
  unsigned attempts{};
};

struct PhotoRow {
  std::string id, by;  // who sent it: "user:…", "citizen"
  Instant at{base::kNever};
  std::uint32_t width{}, height{};
};

class Book {
 public:
  static base::Result<std::unique_ptr<Book>> open(const std::string& file);

  // reports
  // The report with its contact, in one step. Posted again it stays as it is.
  base::Status put_report(const Report&, const Contact&);
  base::Status drop_report(std::string_view number);  // and its contact
  base::Result<std::optional<Report>> report(std::string_view number);
  // Those that a case was opened by, and those that it was merged with.
  base::Result<std::vector<Report>> followers(std::string_view case_id);
  base::Status bind(std::string_view number, std::string_view case_id);
  base::Status set_progress(const Report&);  // opened, follows, told, ended_at
  base::Status each_report(const std::function<void(const Report&)>&);

  // contacts
  base::Status put_contact(std::string_view number, const Contact&);  // an empty one erases it alone
  base::Status erase_contact(std::string_view number);                // and the report's browsers
  base::Result<std::optional<Contact>> contact(std::string_view number);
  base::Status note_seen(std::string_view number, const SeenContact&);
  base::Result<std::vector<SeenContact>> seen(std::string_view number);
  // And browsers, of reports whose case ended, or that never became one, before then. How many contacts.
  base::Result<std::int64_t> erase_contacts_before(Instant);

  // browsers
  // The same endpoint again takes the place of the one before; of more than kBrowsersMax the oldest goes.
  base::Status put_browser(const Browser&);
  base::Status erase_browser(std::string_view report, std::string_view id);  // every one where `id` is empty
  // The push service has said that there is none any more: of whatever report.
  base::Status forget_browser(std::string_view id);
  base::Result<std::size_t> browsers(std::string_view report);

  // photos
  base::Status put_photo(const PhotoRow&);  // one that is there already is new again
  base::Result<std::optional<PhotoRow>> photo(std::string_view id);
  base::Status use_photo(std::string_view id, std::string_view case_id);
  base::Result<std::vector<std::string>> cases_of_photo(std::string_view id);
  // Those that no case names and that came before then; erased from the book when `erase` says that the file is gone.
  base::Status erase_unused_photos(Instant before, const std::function<bool(const std::string& id)>& erase);
  base::Result<bool> knows_photo(std::string_view id);

  // outbox
  // Progress and notices of one report, together or not at all. A notice that is there already stays as it is.
  base::Status advance(const Report&, const std::vector<Notice>&);
  // In order of the steps: by one channel a report's later notice waits while an earlier one does.
  base::Result<std::vector<DueNotice>> due_mails(Instant now, std::size_t max);
  base::Result<std::vector<DuePush>> due_pushes(Instant now, std::size_t max);
  base::Status delivered(const DeliveryKey&, Instant at);
  base::Status failed(const DeliveryKey&, Instant next, std::string_view why);
  base::Status put_off(const DeliveryKey&, Instant until);  // not tried, so no attempt
  base::Status give_up(const DeliveryKey&, Instant at, std::string_view why);
  base::Result<std::vector<Notice>> notices(std::string_view report);
  struct OutboxCounts {
    std::int64_t waiting{}, delivered{}, given_up{};
  };
  base::Result<OutboxCounts> outbox_counts(Channel);

  // the reader's place in the log
  base::Result<std::uint64_t> cursor();
  base::Status set_cursor(std::uint64_t);

  // For what stands in the same file (survey_book.h).
  const std::shared_ptr<CivicTables>& tables() const { return tables_; }

 private:
  explicit Book(std::shared_ptr<CivicTables> tables)
      : tables_(std::move(tables)), mutex_(tables_->mutex), db_(tables_->db) {}
  base::Status run(std::string_view sql, std::initializer_list<std::string_view> texts);
  base::Status write_progress(const Report&);

  std::shared_ptr<CivicTables> tables_;
  std::mutex& mutex_;
  Sqlite& db_;  // guarded by mutex_
};

// Inside a transaction of the caller's: a notice with a delivery for every channel that its report has now. One that is
// there already stays as it is.
base::Status insert_notice(Sqlite&, const Notice&);

}  // namespace cityloop::civic
