// This room put together: what citizens meet, over one city.
//
//   twin, desk, guard ─▶ [Civic] ─ /public/v1, /open311/v2, /api/v1/media, /api/v1/moderation, /api/v1/surveys
//
// Its data: DATA/civic.db (book.h, survey_book.h), DATA/civic.key (follow_links.h), DATA/push.key (push_crypto.h) and
// DATA/media/ (photo_shelf.h).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "civic/services.h"
#include "net/router.h"
#include "serve/actions.h"
#include "serve/case_rules_shelf.h"
#include "serve/city.h"
#include "serve/guard.h"
#include "twin/twin.h"

namespace cityloop::civic {

struct Office;

struct CivicHouse {
  const CivicSettings& settings;
  const serve::City& city;
  twin::Twin& twin;
  const serve::Guard& guard;
  serve::ActionDesk& desk;
  serve::CaseRulesShelf& shelf;
  const base::Clock& wall;
  std::string data_folder;
  std::string settings_file{};  // looked at again whenever it changes; empty: never
};

class Civic {
 public:
  static base::Result<std::unique_ptr<Civic>> open(const CivicHouse&);
  ~Civic();

  void add_to(net::Router&) const;
  base::Status start();  // looks at the cases there are, then follows the log
  void stop();           // nothing of what others hold of it is at work afterwards
  void settle() const;   // waits until what is in the log now has been seen; for tests
  std::vector<std::pair<std::string, double>> counters() const;
  // Which of these photos there are none of; `tell` is called once, on a thread of this room. Those that there are stay
  // a day longer, for whoever is about to name them.
  using MissingPhotos = std::function<void(base::Result<std::vector<std::string>>)>;
  void find_missing_photos(std::vector<std::string> ids, MissingPhotos tell) const;
  // What rooms above stand on: photos, links, limits, who may be reached how.
  const Office& office() const;

 private:
  struct Inside;
  explicit Civic(std::unique_ptr<Inside>);
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::civic
