// The city's table of what cases are about, after the classes and codes of GB/T 30428.2: components (部件) and events
// (事件), in large and small classes, each with who is responsible and in what time it must be done.
//
//   casework/categories.csv ─▶ [Categories] ─▶ CaseRules
//
// CSV as RFC 4180, UTF-8, with a line of titles first; the columns may stand in any order:
//   code         two digits of the large class and two of the small one; with the type it is the key: "component 0102"
//   type         component | event
//   class_zh, class_en, name_zh, name_en
//   condition    A, B, … where one small class has several limits; empty otherwise
//   department   who is responsible; empty: by the kind
//   kind         the kind of case it is filed as; empty: the one that is named
//   standard_zh, standard_en      when it is filed (立案条件)
//   limit        "4h" of working time, or "5wd"; calendar: in which it counts, empty: the kind's
// A line that begins with '#' is a comment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "casework/work_calendar.h"

namespace cityloop::casework {

struct Category {
  std::string code;  // with type and condition: "component-0102-A"
  bool event{false};
  std::string number;
  flow::Bilingual large, name, standard;
  std::string condition;
  std::string department;
  std::string kind;
  Limit limit;
  std::string calendar;
  int line{};
};

class Categories {
 public:
  // Adds a file's rows; gives the mistakes of all its lines, "file:line: reason" each.
  std::string read(std::string_view csv, const std::string& file, const WorkCalendars&,
                   const std::vector<std::string>& departments);
  const Category* find(std::string_view code) const;  // null when there is none
  const std::vector<Category>& all() const { return rows_; }

 private:
  std::vector<Category> rows_;
};

}  // namespace cityloop::casework
