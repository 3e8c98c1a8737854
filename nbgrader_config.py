"""nbgrader's configuration: everything comes from the course itself."""

from grading.course import Course

c = get_config()  # noqa: F821 - provided by nbgrader
c.merge(Course.here().nbgrader_config())
