@main struct Main { static func main() { print("nothing yet") } }
