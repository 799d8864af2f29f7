public enum QuantileTuning {
  public static var share: Double {
    get { QuantileCapacity.share }
    set { QuantileCapacity.share = newValue }
  }
}
