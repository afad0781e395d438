// Takes a citizen's report, whichever way it comes: checks it whole, keeps how the reporter is reached, and files it.
//
//   PublicRoutes, Open311Routes ─ NewReport ─▶ [ReportDesk] ─ Action("file") ─▶ casework
//
// The report's number follows from its key: what a phone sends twice has the same number, the same author and so the
// same action, and happens once. The contact goes into the book before the report is filed, and out again if it is
// refused.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "civic/office.h"

namespace cityloop::civic {

struct NewReport {
  const Service* service{};
  std::string channel{"citizen"};
  std::string description, address;
  double lon_deg{}, lat_deg{};
  bool placed{false};
  std::vector<std::string> media;
  base::JsonValue answers;  // object: the service's attributes by code
  Contact contact;
  std::string key_of;  // the program that posts it; empty for the public page
  serve::OnceKey once;
  std::string note;  // for staff; never public
};

struct PostedReport {
  std::string number;
  EntityId in_case;
};

// Only what is there is checked: an address, a name and a number that could be one. Errc::invalid.
base::Status check_contact(const Contact&);

struct ReportDesk {
  const Office& on;

  // What the report will be known by; a key is made where it came without one.
  std::string number_for(NewReport&) const;
  // On the clerk's thread, and `done` is called there.
  void post(NewReport, std::function<void(base::Result<PostedReport>)> done) const;

 private:
  base::Result<std::string> whole_text(const NewReport&) const;
  base::Status check_photos(const NewReport&) const;
  base::Result<flow::Action> action(const NewReport&) const;
};

}  // namespace cityloop::civic
